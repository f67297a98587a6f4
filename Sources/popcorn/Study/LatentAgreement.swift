import Contract
import Engine
import Evaluation
import Imaging
import Popcorn
import Study

/// What the paper argues from, measured: whether the latents of two patches lie as far apart as their segmentations differ.
/// Over all pairs of patches that show one region of two test scans and hold lesion, by the truth, which no training saw.
struct LatentAgreement {
  private struct Patch {
    var scan: Int
    var tile: Int
    var latent: [Float]
    var truth: [UInt8]
  }

  private var patches: [Patch] = []

  /// Patches of a scan at most, so that no scan outweighs the others.
  private static let most = 8

  /// Takes the patches of a scan with the most lesion.
  mutating func add(
    _ scan: CaseVolume, truth: Volume<UInt8>, number: Int, network: UNet<CPU>, edge: Int
  ) throws {
    let size = [truth.size.x, truth.size.y, truth.size.z]
    let grid = TileGrid(size: size, edge: edge)
    let load = voxels(of: truth, in: grid)
    let tiles = grid.tiles.filter { load[$0.index] > 0 }.sorted {
      (load[$1.index], $0.index) < (load[$0.index], $1.index)
    }
    for tile in tiles.prefix(Self.most) {
      let image = scan.image.patch(at: tile.origin, edge: edge, outside: 0)
      patches.append(
        Patch(
          scan: number, tile: tile.index, latent: try network.embed(image, size: PatchSize(edge: edge)),
          truth: truth.patch(at: tile.origin, edge: edge, outside: 0)))
    }
  }

  /// Spearman's correlation between equation (4) and the number of voxels in which the masks differ; nil with too few pairs.
  var measured: StudyRun.LatentAgreement? {
    var (distances, differences): ([Double], [Double]) = ([], [])
    for (number, first) in patches.enumerated() {
      for second in patches[(number + 1)...] where first.tile == second.tile && first.scan != second.scan {
        distances.append(latentDistance(first.latent, second.latent))
        differences.append(Double(zip(first.truth, second.truth).count { $0 != $1 }))
      }
    }
    return rankCorrelation(distances, differences).map {
      StudyRun.LatentAgreement(pairs: distances.count, correlation: $0)
    }
  }
}
