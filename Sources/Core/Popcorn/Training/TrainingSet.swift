import Contract
import Engine
import Imaging

/// The training set T: cases with masks, and the patches that training draws from them.
struct TrainingSet {
  private(set) var cases: [CaseReference] = []
  private(set) var places: [PatchPlace] = []
  private var byID: [String: CaseReference] = [:]
  private let source: any CaseSource
  private let settings: TrainingSettings
  private let recipe: Recipe
  private let grid: TileGrid

  init(_ cases: [CaseReference], from source: any CaseSource, settings: TrainingSettings, recipe: Recipe) throws {
    self.source = source
    self.settings = settings
    self.recipe = recipe
    grid = TileGrid(size: settings.preparation.size, edge: settings.patchSize)
    for scan in cases { try add(scan) }
  }

  /// Takes a case: its patches are chosen once, by seed and case, the same in every cycle.
  mutating func add(_ scan: CaseReference) throws {
    let minimum = recipe.minimumLesionVoxels(edge: settings.patchSize, spacing: settings.preparation.spacing)
    for (number, reference) in scan.masks.enumerated() {
      let mask = try source.mask(reference, of: scan)
      var random = Random(seed: settings.seed).derive(Stream.patches, stableHash(scan.id), UInt64(number))
      let limit = reference.kind == .expert ? recipe.expertPatches : recipe.pseudoPatches
      for tile in choosePatches(of: mask, on: grid, limit: limit, minimum: minimum, random: &random) {
        places.append(PatchPlace(caseID: scan.id, mask: number, tile: tile))
      }
    }
    cases.append(scan)
    byID[scan.id] = scan
  }

  /// A patch and its truth, (D, H, W) each.
  func cut(_ place: PatchPlace) throws -> (image: [Float], truth: [UInt8]) {
    guard let scan = byID[place.caseID] else {
      throw MethodError.checkpoint("case \(place.caseID) is not in the training set: start the cycle anew")
    }
    let edge = settings.patchSize
    let image = try source.volume(of: scan).image.patch(at: place.tile.origin, edge: edge, outside: 0)
    let truth = try source.mask(scan.masks[place.mask], of: scan).patch(at: place.tile.origin, edge: edge, outside: 0)
    return (image, truth)
  }

  /// The two patches of a pair as the network sees them: quality first, for slices lie as the scanner took them, then
  /// orientation.
  func cut(_ pair: Pair) throws -> [(image: [Float], truth: [UInt8])] {
    let edge = settings.patchSize
    return try zip(pair.places, pair.qualities).map { place, quality in
      let (image, truth) = try cut(place)
      return (
        pair.orientation.apply(to: quality.apply(to: image, edge: edge), edge: edge),
        pair.orientation.apply(to: truth, edge: edge)
      )
    }
  }
}

/// What random streams are for: the first tag below the seed.
enum Stream {
  static let patches: UInt64 = 1
  static let epochs: UInt64 = 2
}

/// A hash of a text that is the same in every process (FNV-1a, 64 bits).
func stableHash(_ text: String) -> UInt64 {
  text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
