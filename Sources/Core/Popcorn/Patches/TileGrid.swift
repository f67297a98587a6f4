/// A cubic box of the reference grid: where a patch is cut.
public struct Tile: Hashable, Sendable, Codable {
  /// Its place in the raster order of its grid, x slowest. Patches of the same index show the same region.
  public var index: Int
  /// Its first voxel along x, y and z. Negative where the grid is smaller than a patch.
  public var origin: [Int]

  /// A box at a place.
  public init(index: Int, origin: [Int]) {
    self.index = index
    self.origin = origin
  }
}

/// The fixed grid of overlapping tiles by which a volume is cut into patches.
///
/// The authors' code has five tiles an axis and leaves a rim of one to five voxels; this one reaches both ends.
public struct TileGrid: Hashable, Sendable {
  /// Edge of a tile, voxels.
  public let edge: Int
  /// First voxels of the tiles along x, y and z.
  public let starts: [[Int]]

  /// The grid over a whole reference grid of `size` (x, y, z) voxels: along each axis the larger of five tiles and of as
  /// many as overlap by 40 %.
  public init(size: [Int], edge: Int) {
    self.edge = edge
    starts = size.map { length in
      let free = max(0, length - edge)
      let overlapping = 1 + Int((Double(free) / (0.6 * Double(edge))).rounded(.up))
      return Self.starts(over: 0..<length, edge: edge, count: max(5, overlapping))
    }
  }

  /// The grid over the box in which the brain lies, with at least the overlap of the grid over the whole volume.
  /// - Parameters:
  ///   - box: first and past-the-end voxel along x, y and z.
  ///   - whole: the grid over the whole volume.
  public init(fitting box: [Range<Int>], within whole: TileGrid, size: [Int]) {
    edge = whole.edge
    let edge = whole.edge
    starts = (0..<3).map { axis in
      let extent = Self.widened(box[axis], to: edge, within: size[axis])
      let steps = zip(whole.starts[axis].dropFirst(), whole.starts[axis]).map { $0 - $1 }
      let free = extent.count - edge
      let count = free > 0 ? 1 + Int((Double(free) / Double(max(1, steps.max() ?? edge))).rounded(.up)) : 1
      return Self.starts(over: extent, edge: edge, count: count)
    }
  }

  /// All tiles in raster order, x slowest.
  public var tiles: [Tile] {
    var tiles: [Tile] = []
    for x in starts[0] {
      for y in starts[1] {
        for z in starts[2] { tiles.append(Tile(index: tiles.count, origin: [x, y, z])) }
      }
    }
    return tiles
  }

  /// `count` starts spread evenly so that the first tile begins at the extent's start and the last ends at its end;
  /// fewer where there is no room for as many different ones; one, centred, where the extent is no longer than a tile.
  private static func starts(over extent: Range<Int>, edge: Int, count: Int) -> [Int] {
    let free = extent.count - edge
    guard free > 0 else { return [extent.lowerBound + Int((Double(free) / 2).rounded(.down))] }
    let count = min(max(2, count), free + 1)
    return (0..<count).map { extent.lowerBound + ($0 * free + (count - 1) / 2) / (count - 1) }
  }

  /// The range made as long as a tile around its middle, without leaving 0..<length where that is possible.
  private static func widened(_ range: Range<Int>, to edge: Int, within length: Int) -> Range<Int> {
    guard range.count < edge else { return range }
    let middle = range.lowerBound + range.count / 2
    let start = min(max(0, middle - edge / 2), max(0, length - edge))
    return start..<start + edge
  }
}
