import Engine
import Imaging

/// What the network makes of a whole scan.
public struct Segmentation: Sendable {
  /// Lesion probability on the reference grid, 0 outside of the brain.
  public var probability: Volume<Float>
  /// The scan's latent vector h, 16 · width entries.
  public var latent: [Float]
}

/// The network shown a whole scan, tile by tile.
public struct SlidingWindow<D: Device> {
  private let network: UNet<D>
  private let edge: Int
  private let manner: WindowManner
  private let meanwhile: () throws -> Void

  /// - Parameters:
  ///   - network: in evaluation mode throughout.
  ///   - edge: edge of a tile, voxels, a multiple of 8.
  ///   - manner: how tiles are seen and put together.
  ///   - meanwhile: called after each tile; what it throws ends the work.
  public init(
    _ network: UNet<D>, edge: Int, manner: WindowManner = .paper, meanwhile: @escaping () throws -> Void = {}
  ) {
    self.network = network
    self.edge = edge
    self.manner = manner
    self.meanwhile = meanwhile
  }

  /// How many tiles `segment` shows to the network.
  public func tileCount(of scan: CaseVolume) -> Int { tiles(of: scan).count }

  /// How many tiles `embed` shows to the encoder.
  public func embeddedTileCount(of scan: CaseVolume) -> Int { LatentMean.counted(tiles(of: scan)).count }

  /// Probability and latent of a scan: the mean of overlapping tiles, those without brain left out; times the brain. The
  /// latent is of the tiles as they are, mirrored or not: as `embed` has it. Throws `EngineError` where memory is short, and
  /// what `meanwhile` throws.
  public func segment(_ scan: CaseVolume) throws -> Segmentation {
    var total = Mean(size: scan.image.size, weights: manner.weights(edge: edge))
    var latent = LatentMean(length: network.shape.latent)
    for (tile, share) in tiles(of: scan) {
      let patch = scan.image.patch(at: tile.origin, edge: edge, outside: 0)
      let (lesion, vector) = try network.infer(patch, size: PatchSize(edge: edge))
      total.add(lesion, at: tile.origin)
      if manner.isMirrored {
        try meanwhile()
        let mirrored = try network.infer(flipped(patch, along: 0, edge: edge), size: PatchSize(edge: edge)).lesion
        total.add(flipped(mirrored, along: 0, edge: edge), at: tile.origin)
      }
      latent.add(vector, share: share)
      try meanwhile()
    }
    var probability = total.mean
    for voxel in probability.values.indices where scan.brain.values[voxel] == 0 { probability.values[voxel] = 0 }
    return Segmentation(probability: probability, latent: latent.mean)
  }

  /// The latent alone, for which the encoder is enough: an eighth of the work. Throws as `segment` does.
  public func embed(_ scan: CaseVolume) throws -> [Float] {
    var latent = LatentMean(length: network.shape.latent)
    for (tile, share) in LatentMean.counted(tiles(of: scan)) {
      let patch = scan.image.patch(at: tile.origin, edge: edge, outside: 0)
      latent.add(try network.embed(patch, size: PatchSize(edge: edge)), share: share)
      try meanwhile()
    }
    return latent.mean
  }

  /// The tiles that hold any brain, on a grid fitted to it, each with its share of brain voxels, above 0 to 1.
  private func tiles(of scan: CaseVolume) -> [(tile: Tile, share: Double)] {
    guard let box = scan.brainBox else { return [] }
    let size = [scan.image.size.x, scan.image.size.y, scan.image.size.z]
    let grid = TileGrid(fitting: box, within: TileGrid(size: size, edge: edge), size: size)
    return grid.tiles.compactMap { tile in
      let brain = scan.brain.patch(at: tile.origin, edge: edge, outside: 0)
      let voxels = brain.reduce(0) { $0 + ($1 != 0 ? 1 : 0) }
      return voxels > 0 ? (tile, Double(voxels) / Double(brain.count)) : nil
    }
  }
}

/// A scan's latent: the mean of its tiles' latents, weighted by their share of brain, over those with a quarter or more;
/// over all with brain where none has as much.
private struct LatentMean {
  private static let enough = 0.25
  private var counted: (sum: [Double], weight: Double)
  private var sparse: (sum: [Double], weight: Double)

  init(length: Int) {
    counted = (Array(repeating: 0, count: length), 0)
    sparse = counted
  }

  mutating func add(_ latent: [Float], share: Double) {
    func adding(to mean: (sum: [Double], weight: Double)) -> (sum: [Double], weight: Double) {
      (zip(mean.sum, latent).map { $0 + share * Double($1) }, mean.weight + share)
    }
    if share >= Self.enough { counted = adding(to: counted) } else { sparse = adding(to: sparse) }
  }

  var mean: [Float] {
    let used = counted.weight > 0 ? counted : sparse
    return used.sum.map { used.weight > 0 ? Float($0 / used.weight) : 0 }
  }

  /// The tiles whose latents are used.
  static func counted(_ tiles: [(tile: Tile, share: Double)]) -> [(tile: Tile, share: Double)] {
    let rich = tiles.filter { $0.share >= enough }
    return rich.isEmpty ? tiles : rich
  }
}

/// The running mean of overlapping boxes.
struct Mean {
  private var sum: Volume<Float>
  private var count: [Float]
  private let weights: [Float]

  /// - Parameter weights: what a voxel counts by its place along an axis; as many as a box has voxels an axis.
  init(size: GridSize, weights: [Float]) {
    sum = Volume(size: size, values: Array(repeating: 0, count: size.count))
    count = Array(repeating: 0, count: size.count)
    self.weights = weights
  }

  mutating func add(_ patch: [Float], at origin: [Int]) {
    let edge = weights.count
    let columns = sum.overlap(origin[0], edge, sum.size.x)
    guard !columns.isEmpty else { return }
    for z in sum.overlap(origin[2], edge, sum.size.z) {
      for y in sum.overlap(origin[1], edge, sum.size.y) {
        let target = origin[0] + columns.lowerBound + sum.size.x * (origin[1] + y + sum.size.y * (origin[2] + z))
        let source = columns.lowerBound + edge * (y + edge * z)
        let row = weights[y] * weights[z]
        for column in 0..<columns.count {
          let weight = row * weights[columns.lowerBound + column]
          sum.values[target + column] += weight * patch[source + column]
          count[target + column] += weight
        }
      }
    }
  }

  /// The mean; 0 where nothing was added.
  var mean: Volume<Float> {
    Volume(size: sum.size, values: zip(sum.values, count).map { $1 > 0 ? $0 / $1 : 0 })
  }
}
