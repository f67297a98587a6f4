import Contract
import Engine
import Imaging

/// The training set T: cases with masks, and the patches that training draws from them; and, for the strategies that show
/// the network patches without a label, those of the pool.
struct TrainingSet {
  private(set) var cases: [CaseReference] = []
  private(set) var places: [PatchPlace] = []
  /// What a patch may be paired with: `places`, and of an expert's mask all that might have been chosen. Those that were
  /// chosen rarely show the same region of two images.
  private(set) var partners: [PatchPlace] = []
  /// Patches of the pool.
  private(set) var unlabelled: [PatchPlace] = []
  private var byID: [String: CaseReference] = [:]
  private let source: any CaseSource
  private let settings: TrainingSettings
  private let recipe: Recipe
  private let grid: TileGrid
  /// What a teacher made of patches of the pool.
  var softLabels: SoftLabels?

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
      var (tiles, rich) = choosePatches(of: mask, on: grid, limit: limit, minimum: minimum, random: &random)
      if reference.kind == .pseudo { rich = tiles }
      if recipe.anywhereShare > 0 {
        let count = recipe.patchesAnywhere(beside: tiles.count)
        let anywhere = chooseAnywhere(in: try source.volume(of: scan).brain, on: grid, count: count, random: &random)
        tiles += anywhere
        rich += anywhere.filter { !rich.contains($0) }
      }
      places += tiles.map { PatchPlace(caseID: scan.id, mask: number, tile: $0) }
      partners += rich.map { PatchPlace(caseID: scan.id, mask: number, tile: $0) }
    }
    cases.append(scan)
    byID[scan.id] = scan
  }

  /// Takes patches of a scan of the pool, as many as an expert's mask gives at most.
  mutating func addUnlabelled(_ scan: CaseReference) throws {
    var random = Random(seed: settings.seed).derive(Stream.unlabelled, stableHash(scan.id))
    let brain = try source.volume(of: scan).brain
    unlabelled += chooseAnywhere(in: brain, on: grid, count: recipe.expertPatches, random: &random).map {
      PatchPlace(caseID: scan.id, mask: nil, tile: $0)
    }
    byID[scan.id] = scan
  }

  /// A patch, (D, H, W).
  func image(_ place: PatchPlace) throws -> [Float] {
    let edge = settings.patchSize
    return try source.volume(of: try scan(of: place)).image.patch(at: place.tile.origin, edge: edge, outside: 0)
  }

  /// A patch and its truth, (D, H, W) each; no truth where it has no mask.
  func cut(_ place: PatchPlace) throws -> (image: [Float], truth: [UInt8]) {
    let scan = try scan(of: place)
    let mask = try place.mask.map { try source.mask(scan.masks[$0], of: scan) }
    return (
      try image(place), mask?.patch(at: place.tile.origin, edge: settings.patchSize, outside: 0) ?? []
    )
  }

  /// What the label of a patch counts.
  private func trust(in place: PatchPlace) throws -> Double {
    guard let mask = place.mask, try scan(of: place).masks[mask].kind == .pseudo else { return 1 }
    return recipe.pseudoTrust
  }

  private func scan(of place: PatchPlace) throws -> CaseReference {
    guard let scan = byID[place.caseID] else {
      throw MethodError.checkpoint("the checkpoint names case \(place.caseID), which is not in the training set")
    }
    return scan
  }

  /// The patches of a pair as the network sees them: contrast and quality first, for slices lie as the scanner took them, then
  /// orientation, then what is pasted, then what is each one's own.
  func cut(_ pair: Pair) throws -> [ShownPatch] {
    let edge = settings.patchSize
    var shown = try pair.places.indices.map { number in
      let place = pair.places[number]
      let (image, truth) = try cut(place)
      let taken = pair.qualities[number].apply(to: pair.gammas[number].apply(to: image), edge: edge)
      let turned = pair.orientation.apply(to: taken, edge: edge)
      var patch = ShownPatch(
        image: turned, truth: truth.isEmpty ? [] : pair.orientation.apply(to: truth, edge: edge),
        warp: pair.warps[number], trust: try trust(in: place))
      if truth.isEmpty, let softLabels {
        let soft = try softLabels.read(place)
        patch.soft = SoftLabel(
          lesion: pair.orientation.apply(to: soft.lesion, edge: edge),
          entropy: pair.orientation.apply(to: soft.entropy, edge: edge))
      }
      return patch
    }
    // What is pasted counts as what it is pasted into: no box of a label that counts less goes into one that counts more.
    if let paste = pair.paste, shown.count == 2, !shown[1].truth.isEmpty, shown[0].trust == shown[1].trust {
      shown[0].image = paste.paste(shown[1].image, into: shown[0].image, edge: edge)
      shown[0].truth = paste.paste(shown[1].truth, into: shown[0].truth, edge: edge)
    }
    for number in shown.indices { shown[number].image = shown[number].warp.apply(to: shown[number].image, edge: edge) }
    return shown
  }
}

/// What random streams are for: the first tag below the seed.
enum Stream {
  static let patches: UInt64 = 1
  static let epochs: UInt64 = 2
  static let unlabelled: UInt64 = 3
  static let teacher: UInt64 = 4
  static let order: UInt64 = 5
}

/// A hash of a text that is the same in every process (FNV-1a, 64 bits).
func stableHash(_ text: String) -> UInt64 {
  text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
