import Engine
import Glibc
import Imaging
import Testing

@testable import Popcorn

extension ComputingTests {
  /// A whole scan against a loop over voxels and the tiles that cover each, summed in Double.
  @Suite struct SlidingWindowTests {
    private static let edge = 8
    private static let size = GridSize(20, 20, 20)

    /// A brain of an L, so that some tiles are full, some have less than a quarter of it and some none.
    private static var scan: CaseVolume {
      var random = Random(seed: 12)
      var brain = Volume(size: size, values: [UInt8](repeating: 0, count: size.count))
      for z in 2..<19 {
        for y in 1..<18 {
          for x in 1..<19 where x < 7 || (y < 6 && z < 8) { brain[x, y, z] = 1 }
        }
      }
      return CaseVolume(
        image: Volume(size: size, values: (0..<size.count).map { _ in random.uniform() }), brain: brain)
    }

    private struct Shown {
      let origin: [Int]
      let share: Double
      let lesion: [Float]
      let mirrored: [Float]
      let latent: [Float]
    }

    private func shown(_ network: UNet<CPU>, _ scan: CaseVolume) throws -> [Shown] {
      let box = try #require(scan.brainBox)
      let whole = TileGrid(size: [20, 20, 20], edge: Self.edge)
      let places = (0..<8).flatMap { z in (0..<8).flatMap { y in (0..<8).map { x in (x, y, z) } } }
      return try TileGrid(fitting: box, within: whole, size: [20, 20, 20]).tiles.compactMap { tile in
        let at = tile.origin
        let brain = places.reduce(0) { $0 + Int(scan.brain[at[0] + $1.0, at[1] + $1.1, at[2] + $1.2]) }
        guard brain > 0 else { return nil }
        let patch = places.map { scan.image[at[0] + $0.0, at[1] + $0.1, at[2] + $0.2] }
        let turned = places.map { scan.image[at[0] + 7 - $0.0, at[1] + $0.1, at[2] + $0.2] }
        let (lesion, latent) = try network.infer(patch, size: PatchSize(edge: Self.edge))
        let back = try network.infer(turned, size: PatchSize(edge: Self.edge)).lesion
        return Shown(
          origin: at, share: Double(brain) / 512, lesion: lesion,
          mirrored: places.map { back[7 - $0.0 + 8 * ($0.1 + 8 * $0.2)] }, latent: latent)
      }
    }

    @Test(arguments: [false, true], [false, true])
    func probabilityIsTheMeanOfTheTilesThatCoverAVoxel(isGaussian: Bool, isMirrored: Bool) throws {
      let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 6)
      let scan = Self.scan
      let tiles = try shown(network, scan)
      // Deviation an eighth of the edge: one voxel.
      let line = (0..<8).map { isGaussian ? exp(-0.5 * (Double($0) - 3.5) * (Double($0) - 3.5)) : 1 }
      let manner = WindowManner(isGaussian: isGaussian, isMirrored: isMirrored)
      let made = try SlidingWindow(network, edge: Self.edge, manner: manner).segment(scan).probability
      var furthest = 0.0
      for z in 0..<20 {
        for y in 0..<20 {
          for x in 0..<20 {
            var (sum, weight) = (0.0, 0.0)
            for tile in tiles {
              let (i, j, k) = (x - tile.origin[0], y - tile.origin[1], z - tile.origin[2])
              guard 0..<8 ~= i, 0..<8 ~= j, 0..<8 ~= k else { continue }
              let (place, counts) = (i + 8 * (j + 8 * k), line[i] * line[j] * line[k])
              let lesion = Double(tile.lesion[place])
              sum += counts * (isMirrored ? (lesion + Double(tile.mirrored[place])) / 2 : lesion)
              weight += counts
            }
            let expected = scan.brain[x, y, z] == 1 ? sum / weight : 0
            furthest = max(furthest, abs(Double(made[x, y, z]) - expected))
            if scan.brain[x, y, z] == 0 { #expect(made[x, y, z] == 0) }
          }
        }
      }
      #expect(furthest < 1e-6)
    }

    @Test func latentIsTheMeanByShareOfTilesWithAQuarterOfBrain() throws {
      let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 6)
      let scan = Self.scan
      let tiles = try shown(network, scan)
      let rich = tiles.filter { $0.share >= 0.25 }
      try #require(Set(rich.map(\.share)).count > 1 && rich.count < tiles.count)
      let weight = rich.reduce(0) { $0 + $1.share }
      let expected = (0..<128).map { entry in
        rich.reduce(0) { $0 + $1.share * Double($1.latent[entry]) } / weight
      }
      let window = SlidingWindow(network, edge: Self.edge)
      let (segmented, embedded) = (try window.segment(scan).latent, try window.embed(scan))
      #expect(zip(segmented, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 * (1 + abs($1)) })
      #expect(segmented == embedded)
    }

    /// Where no tile has a quarter, all that have any count.
    @Test func aThinBrainHasALatentToo() throws {
      let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 6)
      var scan = Self.scan
      scan.brain.values = scan.brain.values.map { _ in 0 }
      for z in 2..<18 { scan.brain[z, 9, z] = 1 }
      let tiles = try shown(network, scan)
      try #require(tiles.count > 1 && tiles.allSatisfy { $0.share < 0.25 })
      let weight = tiles.reduce(0) { $0 + $1.share }
      let embedded = try SlidingWindow(network, edge: Self.edge).embed(scan)
      for entry in embedded.indices {
        let expected = tiles.reduce(0) { $0 + $1.share * Double($1.latent[entry]) } / weight
        #expect(abs(Double(embedded[entry]) - expected) < 1e-6 * (1 + abs(expected)))
      }
    }
  }
}
