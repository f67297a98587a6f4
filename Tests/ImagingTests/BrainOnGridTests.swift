import Contract
import Testing

@testable import Imaging

/// What is left of a scan once its brain lies on the reference grid.
@Suite struct BrainOnGridTests {
  /// Tissue of 210 to 250 within 15 mm of the middle, around it up to 20 mm a shell of 590 to 610, and a brain mask that
  /// is the tissue; voxels of 1 mm. The shell is so thick that its mode is the histogram's highest where it is let in.
  private static let head: (scan: Image, brain: Image) = {
    let size = GridSize(42, 42, 42)
    let geometry = GridGeometry(size: size.list, affine: [1, 0, 0, -20.5, 0, 1, 0, -20.5, 0, 0, 1, -20.5])
    var scan = Volume<Float>(size: size, repeating: 0)
    var brain = scan
    var dice = Dice(seed: 9)
    for z in 0..<size.z {
      for y in 0..<size.y {
        for x in 0..<size.x {
          let distance = [x, y, z].map { (Double($0) - 20.5) * (Double($0) - 20.5) }.reduce(0, +).squareRoot()
          if distance < 15 {
            scan[x, y, z] = Float(210 + dice.roll(41))
            brain[x, y, z] = 1
          } else if distance < 20 {
            scan[x, y, z] = Float(590 + dice.roll(21))
          }
        }
      }
    }
    return (Image(volume: scan, geometry: geometry), Image(volume: brain, geometry: geometry))
  }()

  /// The head's voxels on 24 x 24 x 24 of 2 mm. The brain's middle, at 20.5, becomes the grid's, at 11.5: voxel n there
  /// holds the voxels 2 n - 3 and 2 n - 2 of each axis here.
  private func means(_ volume: Volume<Float>) -> Volume<Float> {
    var means = Volume<Float>(size: GridSize(24, 24, 24), repeating: 0)
    for z in 0..<volume.size.z {
      for y in 0..<volume.size.y {
        for x in 0..<volume.size.x { means[(x + 3) / 2, (y + 3) / 2, (z + 3) / 2] += volume[x, y, z] / 8 }
      }
    }
    return means
  }

  @Test func whatLiesOutsideOfTheBrainIsGone() throws {
    let settings = PreparationSettings(spacing: 2, size: [24, 24, 24], brain: .provided)
    let prepared = try Preparation(settings: settings).prepare(Self.head.scan, brain: Self.head.brain)
    #expect(prepared.brain.values == means(Self.head.brain.volume).values.map { $0 >= 0.5 ? 1 : 0 })
    #expect(zip(prepared.image.values, prepared.brain.values).allSatisfy { ($0 == 0) == ($1 == 0) })
    let peak = try #require(prepared.steps.last?.figures["peak"])
    #expect(abs(peak - 230) < 3, "the tissue's, not the shell's")
    let expected = means(Self.head.scan.volume).values.map { $0 / Float(peak) }
    #expect(
      prepared.image.values.indices.allSatisfy { voxel in
        prepared.brain.values[voxel] == 0 || abs(prepared.image.values[voxel] - expected[voxel]) < 1e-6
      })
  }

  /// The grid is 48 x 52 x 44 mm, so that it cuts caps off a ball in its middle: 2.3 % of one of 25 mm, 17.9 % of one of 30
  /// mm; of the voxels of 2 mm here 1.9, 9.1, 11.0 and 18.3 %.
  @Test(arguments: [(25.0, false), (27.7, false), (28.3, true), (30, true)])
  func aBrainOfWhichATenthIsCutOffIsHeld(radius: Double, isHeld: Bool) throws {
    let scan = ball(GridSize(32, 32, 32), affine: [2, 0, 0, -31, 0, 2, 0, -31, 0, 0, 2, -31], radius: radius)
    let all = scan.volume.values.count { $0 > 0 }
    var inside = 0
    for z in 5..<27 {
      for y in 3..<29 { for x in 4..<28 where scan.volume[x, y, z] > 0 { inside += 1 } }
    }
    try #require((10 * inside < 9 * all) == isHeld)
    let preparation = Preparation(settings: PreparationSettings(spacing: 2, size: [24, 26, 22], brain: .nonzero))
    if isHeld {
      let fault = #expect(throws: Rejection.self) { try preparation.prepare(scan) }
      #expect(fault?.outcome == .hold && fault?.reason == .fieldOfView)
      #expect(fault?.numbers.map(\.name) == ["brain", "in the grid"])
    } else {
      #expect(try preparation.prepare(scan).brain.total == inside)
    }
    let released = try preparation.prepare(scan, isReleased: true)
    #expect(released.brain.total == inside, "a person wants the rest of it")
  }
}
