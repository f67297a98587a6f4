import Engine
import Imaging

/// Chooses the tiles of one mask that training draws from, as the authors' released code does: tiles in random order,
/// the first `limit` that hold more than `minimum` lesion voxels.
///
/// Where none holds as many, one random tile of those that hold any lesion stands for the case. A tile without lesion is
/// never taken: under the Dice of equation (1) such patches push the lesion channel to zero, where it stays. So a mask
/// without lesion gives no patch.
///
/// - Returns: the chosen tiles, and those that hold enough lesion; where none does, the one that stands for the case as both.
public func choosePatches(
  of mask: Volume<UInt8>, on grid: TileGrid, limit: Int, minimum: Double, random: inout Random
) -> (chosen: [Tile], rich: [Tile]) {
  let load = voxels(of: mask, in: grid)
  var tiles = grid.tiles
  random.shuffle(&tiles)
  let rich = tiles.filter { Double(load[$0.index]) > minimum }
  if !rich.isEmpty { return (Array(rich.prefix(limit)), rich) }
  let poor = Array(tiles.filter { load[$0.index] > 0 }.prefix(1))
  return (poor, poor)
}

/// Chooses `count` tiles anywhere in the brain, lesion or not: those with a quarter of brain or more, in random order.
public func chooseAnywhere(
  in brain: Volume<UInt8>, on grid: TileGrid, count: Int, random: inout Random
) -> [Tile] {
  let load = voxels(of: brain, in: grid)
  let enough = grid.edge * grid.edge * grid.edge / 4
  var tiles = grid.tiles.filter { load[$0.index] >= enough }
  random.shuffle(&tiles)
  return Array(tiles.prefix(max(0, count)))
}

/// How many voxels of a mask, those that are 1, each tile holds, in raster order of the grid.
public func voxels(of mask: Volume<UInt8>, in grid: TileGrid) -> [Int] {
  // Tiles along an axis that hold a voxel, for every voxel of the axis: lesions are sparse, tiles are many.
  let holders = (0..<3).map { axis in
    (0..<[mask.size.x, mask.size.y, mask.size.z][axis]).map { voxel in
      grid.starts[axis].indices.filter { grid.starts[axis][$0] <= voxel && voxel < grid.starts[axis][$0] + grid.edge }
    }
  }
  let (alongY, alongZ) = (grid.starts[1].count, grid.starts[2].count)
  var load = [Int](repeating: 0, count: grid.starts[0].count * alongY * alongZ)
  var voxel = 0
  for z in 0..<mask.size.z {
    for y in 0..<mask.size.y {
      for x in 0..<mask.size.x {
        if mask.values[voxel] == 1 {
          for i in holders[0][x] {
            for j in holders[1][y] { for k in holders[2][z] { load[(i * alongY + j) * alongZ + k] += 1 } }
          }
        }
        voxel += 1
      }
    }
  }
  return load
}
