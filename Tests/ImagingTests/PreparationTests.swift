import Contract
import Testing

@testable import Imaging

/// A ball of tissue with two layers of intensity on a grid, its centre off the middle.
func ball(_ size: GridSize, affine: [Double], radius: Double) -> Image {
  var volume = Volume<Float>(size: size, repeating: 0)
  let geometry = GridGeometry(size: size.list, affine: affine)
  let middle = geometry.world(Double(size.x - 1) / 2, Double(size.y - 1) / 2, Double(size.z - 1) / 2)
  var dice = Dice(seed: 3)
  for z in 0..<size.z {
    for y in 0..<size.y {
      for x in 0..<size.x {
        let world = geometry.world(Double(x), Double(y), Double(z))
        let distance = zip(world, middle).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
        guard distance < radius else { continue }
        let bell = Float((0..<6).map { _ in dice.roll(100) }.reduce(0, +)) / 10
        volume[x, y, z] = (distance < 0.8 * radius ? 200 : 120) + bell
      }
    }
  }
  return Image(volume: volume, geometry: geometry)
}

@Suite struct PreparationTests {
  private static let settings = PreparationSettings(spacing: 2, size: [24, 26, 22], brain: .nonzero)
  private static let straight: [Double] = [2, 0, 0, -23, 0, 2, 0, -25, 0, 0, 2, -21]

  /// The 48 ways to store a volume: six orders of the axes, eight turns.
  static let orders: [(axes: [Int], signs: [Double])] = [
    [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
  ].flatMap { axes in (0..<8).map { turn in (axes, (0..<3).map { turn >> $0 & 1 == 1 ? -1.0 : 1.0 }) } }

  @Test(arguments: 0..<48)
  func aMaskComesBackFromEveryAxisOrder(index: Int) throws {
    let (axes, signs) = Self.orders[index]
    // Storage axis i runs along world axis axes[i].
    let worldSizes = [24, 26, 22]
    let size = GridSize(axes.map { worldSizes[$0] })
    var affine = [Double](repeating: 0, count: 12)
    for storage in 0..<3 {
      affine[4 * axes[storage] + storage] = 2 * signs[storage]
      affine[4 * axes[storage] + 3] = -signs[storage] * Double(worldSizes[axes[storage]] - 1)
    }
    let scan = ball(size, affine: affine, radius: 19)
    var dice = Dice(seed: UInt64(index))
    let mask = Image(
      volume: scan.volume.map { $0 > 0 && dice.roll(20) == 0 ? 1 : 0 }, geometry: scan.geometry)
    let preparation = Preparation(settings: Self.settings)
    let prepared = try preparation.prepare(scan)
    let placed = try preparation.placeMask(mask, in: prepared)
    #expect(prepared.restore(probability: placed.map(Float.init)).values == mask.volume.values)
    // In RAS order the ball is the same ball whichever way it was stored, but for its noise.
    let same = try preparation.prepare(ball(GridSize(24, 26, 22), affine: Self.straight, radius: 19))
    #expect(prepared.brain == same.brain)
    #expect(zip(prepared.geometry.affine, Self.straight).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test func aScanOnTheGridIsLeftAlone() throws {
    let scan = ball(GridSize(24, 26, 22), affine: Self.straight, radius: 19)
    let prepared = try Preparation(settings: Self.settings).prepare(scan)
    let peak = Float(try #require(prepared.steps.last?.figures["peak"]))
    #expect(prepared.image.values == scan.volume.values.map { $0 / peak })
    #expect(prepared.steps.map(\.name) == ["axes", "brain", "placement", "intensity"])
    #expect(prepared.steps[2].figures["resampled"] == 0)
    #expect(prepared.brain.values == scan.volume.values.map { $0 > 0 ? 1 : 0 })
    #expect(abs(Double(peak) - 230) < 10)
  }

  @Test func aScanOfTheSameTemplateIsMovedAlike() throws {
    let wider = ball(GridSize(25, 26, 24), affine: Self.straight, radius: 19)
    let prepared = try Preparation(settings: Self.settings).prepare(wider)
    let figures = prepared.steps[2].figures
    #expect(figures["origin_x"] == 0 && figures["origin_y"] == 0 && figures["origin_z"] == 1)
    #expect(figures["resampled"] == 0)
  }

  @Test func anotherGridOfTheSameSpacingIsMovedByItsBrain() throws {
    var scan = ball(GridSize(40, 40, 40), affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0], radius: 19)
    scan.volume[0, 0, 0] = 5
    let prepared = try Preparation(settings: Self.settings).prepare(scan)
    #expect(prepared.steps[2].figures["resampled"] == 0)
    let pieces = Components.label(prepared.brain, connectivity: .faces)
    let box = try #require(Components.boxes(of: pieces.labels, count: pieces.count).first)
    #expect(zip(box.centre, [11.5, 12.5, 10.5]).allSatisfy { abs($0 - $1) <= 0.5 })
  }

  @Test func thickSlicesAreResampledAndComeBack() throws {
    let scan = ball(GridSize(50, 50, 9), affine: [-1, 0, 0, 20, 0, 1, 0, -30, 0, 0, 6, 5], radius: 19)
    let preparation = Preparation(settings: Self.settings)
    let prepared = try preparation.prepare(scan)
    #expect(prepared.steps[2].figures["resampled"] == 1)
    let before = Double(scan.volume.values.filter { $0 > 0 }.count) * 6
    let after = Double(prepared.brain.values.filter { $0 > 0 }.count) * 8
    #expect(abs(after - before) < 0.06 * before)
    let back = prepared.restore(probability: prepared.brain.map(Float.init))
    #expect(back.size == scan.volume.size)
    let (a, b) = (scan.volume.values.map { $0 > 0 }, back.values.map { $0 >= 0.5 })
    let both = zip(a, b).filter { $0 && $1 }.count
    #expect(2 * Double(both) / Double(a.filter { $0 }.count + b.filter { $0 }.count) > 0.95)
  }

  @Test func aSmallLesionDoesNotVanish() throws {
    let scan = ball(GridSize(50, 50, 40), affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], radius: 19)
    var mask = Volume<Float>(size: scan.volume.size, repeating: 0)
    for (x, y, z) in [(20, 20, 20), (31, 24, 18), (25, 30, 22)] { mask[x, y, z] = 1 }
    let preparation = Preparation(settings: Self.settings)
    let prepared = try preparation.prepare(scan)
    let placed = try preparation.placeMask(Image(volume: mask, geometry: scan.geometry), in: prepared)
    #expect(LesionFigures(of: placed, voxelVolume: 8).count == 3)
  }

  @Test func aBrainMaskDecidesWhereTheBrainIs() throws {
    var scan = ball(GridSize(24, 26, 22), affine: Self.straight, radius: 19)
    let brain = Image(volume: scan.volume.map { $0 > 0 ? 1 : 0 }, geometry: scan.geometry)
    for index in scan.volume.values.indices where scan.volume.values[index] == 0 { scan.volume.values[index] = 50 }
    scan.volume.values[0] = -7
    var settings = Self.settings
    #expect(throws: Rejection.self) { try Preparation(settings: settings).prepare(scan) }
    settings.brain = .provided
    let prepared = try Preparation(settings: settings).prepare(scan, brain: brain)
    #expect(prepared.brain.values == brain.volume.values.map { UInt8($0) })
    #expect(zip(prepared.image.values, prepared.brain.values).allSatisfy { ($0 > 0) == ($1 > 0) })
    let other = Image(
      volume: Volume(size: GridSize(3, 3, 3), repeating: 1),
      geometry: GridGeometry(size: [3, 3, 3], affine: Self.straight))
    let fault = #expect(throws: Rejection.self) { try Preparation(settings: settings).prepare(scan, brain: other) }
    #expect(fault?.reason == .labelShape)
  }

  @Test func noBrainIsSaid() throws {
    let scan = ball(GridSize(24, 26, 22), affine: Self.straight, radius: 4)
    let fault = #expect(throws: Rejection.self) { try Preparation(settings: Self.settings).prepare(scan) }
    #expect(fault?.reason == .noBrain)
    #expect(fault?.outcome == .hold)
  }

  @Test func theTwoMillimetreGridIsLeftAlone() throws {
    let size = GridSize(91, 109, 91)
    let scan = ball(size, affine: [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72], radius: 60)
    let settings = PreparationSettings(spacing: 2, size: [91, 109, 91], brain: .nonzero)
    let prepared = try Preparation(settings: settings).prepare(scan)
    #expect(prepared.steps[2].figures["resampled"] == 0)
    let back = prepared.restore(probability: prepared.image)
    let peak = Float(try #require(prepared.steps.last?.figures["peak"]))
    #expect(zip(back.values, scan.volume.values).allSatisfy { $0 == $1 / peak })
  }

  @Test func thePeakIsThatOfTheKernelDensity() throws {
    for fixture in try Fixtures.read("peaks", as: [Fixtures.Peak].self) {
      let found = try #require(FlairPeak(of: fixture.values.floats + [0, 0, -1]))
      #expect(abs(found.percentile - fixture.q) < 1e-5 * fixture.q)
      #expect(abs(found.peak - fixture.peak) < fixture.q / 200, "\(found.peak) for \(fixture.peak)")
    }
    #expect(FlairPeak(of: [0, 0, 0]) == nil)
  }

  /// Against the definition: the mean of a linear or piecewise constant function, summed by brute force.
  @Test func samplingIsItsDefinition() {
    let values: [Float] = [0, 1, 4, 9, 16, 25, 36]
    let volume = Volume(size: GridSize(7, 1, 1), values: values)
    let coarse = AxisSampling(inputs: 7, outputs: 3, origin: 0.75, step: 2.5).apply(to: volume, axis: 0)
    for output in 0..<3 {
      let centre = 0.75 + 2.5 * Double(output)
      var sum = 0.0
      var weight = 0.0
      for tick in 0..<2500 {
        let place = centre - 1.25 + (Double(tick) + 0.5) / 1000
        let voxel = Int((place + 0.5).rounded(.down))
        guard (0..<7).contains(voxel) else { continue }
        sum += Double(values[voxel])
        weight += 1
      }
      #expect(abs(Double(coarse.values[output]) - sum / weight) < 0.02)
    }
    let fine = AxisSampling(inputs: 7, outputs: 12, origin: -0.75, step: 0.5).apply(to: volume, axis: 0)
    #expect(fine.values == [0, 0, 0.25, 0.75, 1.75, 3.25, 5.25, 7.75, 10.75, 14.25, 18.25, 22.75])
  }
}
