import Contract
import Testing

@testable import Imaging

/// One scan in every order in which it can be stored. An octant is cut out of its ball, so that no exchange or turn of axes
/// leaves it as it was: what is only turned back by the same mistake that turned it shows.
@Suite struct AxisOrderTests {
  private static let size = GridSize(24, 26, 22)
  private static let straight = GridGeometry(size: size.list, affine: [2, 0, 0, -23, 0, 2, 0, -25, 0, 0, 2, -21])

  /// The scan in RAS order.
  private static let scan: Volume<Float> = {
    var volume = ball(size, affine: straight.affine, radius: 19).volume
    for z in 0..<size.z where 2 * z - 21 > 4 {
      for y in 0..<size.y where 2 * y - 25 > 6 {
        for x in 0..<size.x where 2 * x - 23 > 8 { volume[x, y, z] = 0 }
      }
    }
    return volume
  }()

  private func preparation(brain: PreparationSettings.Brain = .nonzero) -> Preparation {
    Preparation(settings: PreparationSettings(spacing: 2, size: Self.size.list, brain: brain))
  }

  /// A volume in RAS order as one of the 48 storage orders has it: each voxel is looked up by its place in the world.
  private func stored(_ volume: Volume<Float>, _ order: Int) -> Image {
    let (axes, signs) = PreparationTests.orders[order]
    let size = GridSize(axes.map { Self.size.list[$0] })
    var affine = [Double](repeating: 0, count: 12)
    for axis in 0..<3 {
      let world = axes[axis]
      affine[4 * world + axis] = 2 * signs[axis]
      affine[4 * world + 3] = -signs[axis] * Double(Self.size.list[world] - 1)
    }
    let geometry = GridGeometry(size: size.list, affine: affine)
    var copy = Volume<Float>(size: size, repeating: 0)
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x {
          let place = geometry.world(Double(x), Double(y), Double(z))
          copy[x, y, z] = volume[Int(place[0] + 23) / 2, Int(place[1] + 25) / 2, Int(place[2] + 21) / 2]
        }
      }
    }
    return Image(volume: copy, geometry: geometry)
  }

  /// Another storage order than `order`, whichever that is: 6 n + 13 is never a multiple of 48.
  private func another(than order: Int) -> Int { (7 * order + 13) % 48 }

  @Test(arguments: 0..<48) func everyStorageOrderIsTheSameScan(order: Int) throws {
    let straight = try preparation().prepare(Image(volume: Self.scan, geometry: Self.straight))
    #expect(straight.brain.values == Self.scan.values.map { $0 > 0 ? 1 : 0 })
    let prepared = try preparation().prepare(stored(Self.scan, order))
    #expect(prepared.image == straight.image)
    #expect(prepared.brain == straight.brain)
    #expect(prepared.restore(probability: straight.image).values == stored(straight.image, order).volume.values)
  }

  @Test(arguments: 0..<48) func aMaskMayBeStoredInAnotherOrderThanItsScan(order: Int) throws {
    var dice = Dice(seed: UInt64(order))
    let mask: Volume<Float> = Self.scan.map { $0 > 0 && dice.roll(20) == 0 ? 1 : 0 }
    let prepared = try preparation().prepare(stored(Self.scan, order))
    let placed = try preparation().placeMask(stored(mask, another(than: order)), in: prepared)
    #expect(placed.values == mask.values.map { UInt8($0) })
  }

  @Test(arguments: 0..<48) func aBrainMaskMayBeStoredInAnotherOrderThanItsScan(order: Int) throws {
    // The inner layer of the ball, without the octant.
    let brain: Volume<Float> = Self.scan.map { $0 > 190 ? 1 : 0 }
    let prepared = try preparation(brain: .provided).prepare(
      stored(Self.scan, order), brain: stored(brain, another(than: order)))
    #expect(prepared.brain.values == brain.values.map { UInt8($0) })
  }
}
