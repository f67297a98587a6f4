import Contract
import Imaging
import Testing

@testable import Evaluation

@Suite struct MaskTests {
  private func volume(_ layers: [String]) -> Volume<UInt8> {
    Volume(size: GridSize(9, 8, 7), values: layers.joined().utf8.map { $0 - UInt8(ascii: "0") })
  }

  private let geometry = GridGeometry(size: [9, 8, 7], affine: [0.9, 0, 0, 0, 0, 1.1, 0, 0, 0, 0, 3, 0])

  @Test(arguments: MaskPair.golden.indices) func agreesWithScipy(index: Int) throws {
    let golden = MaskPair.golden[index]
    let comparison = MaskComparison(truth: volume(golden.truth), mask: volume(golden.mask), geometry: geometry)
    #expect(comparison.truthLesions == golden.lesions)
    #expect(comparison.foundLesions == golden.found)
    #expect(comparison.maskLesions == golden.marks)
    #expect(comparison.falseLesions == golden.wrong)
    #expect(abs(try #require(comparison.averageSurfaceDistance) - golden.average) < 1e-12)
    #expect(abs(try #require(comparison.surfaceDistance95) - golden.percentile95) < 1e-12)
    let voxels = golden.truth.joined().utf8.count { $0 == UInt8(ascii: "1") }
    #expect(abs(comparison.truthVolume - Double(voxels) * 2.97) < 1e-9)
  }

  /// Every pair of masks of three voxels against sets.
  @Test func overlapOfAllTinyMasks() {
    for (a, b) in (0..<64).map({ ($0 & 7, $0 >> 3) }) {
      let truth = (0..<3).map { UInt8(a >> $0 & 1) }
      let mask = (0..<3).map { UInt8(b >> $0 & 1) * 255 }
      let (first, second) = (Set((0..<3).filter { truth[$0] > 0 }), Set((0..<3).filter { mask[$0] > 0 }))
      let overlap = VoxelOverlap(truth: truth, mask: mask)
      let both = Double(first.intersection(second).count)
      if first.isEmpty, second.isEmpty {
        #expect(overlap.dice == 1 && overlap.precision == 1 && overlap.sensitivity == 1)
      } else {
        #expect(overlap.dice == 2 * both / Double(first.count + second.count))
        #expect(overlap.precision == (second.isEmpty ? nil : both / Double(second.count)))
        #expect(overlap.sensitivity == (first.isEmpty ? nil : both / Double(first.count)))
      }
    }
  }

  @Test func emptyMasks() {
    let empty = Volume<UInt8>(size: GridSize(4, 4, 4), repeating: 0)
    var one = empty
    one.values[21] = 1
    let grid = GridGeometry(size: [4, 4, 4], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])
    let nothing = MaskComparison(truth: empty, mask: empty, geometry: grid)
    #expect(nothing.dice == 1 && nothing.lesionTruePositiveRate == 1 && nothing.lesionFalsePositiveRate == 0)
    #expect(nothing.averageSurfaceDistance == nil)
    let missed = MaskComparison(truth: one, mask: empty, geometry: grid)
    #expect(missed.dice == 0 && missed.precision == nil && missed.sensitivity == 0)
    #expect(missed.lesionTruePositiveRate == 0 && missed.lesionFalsePositiveRate == nil)
    let invented = MaskComparison(truth: empty, mask: one, geometry: grid)
    #expect(invented.dice == 0 && invented.precision == 0 && invented.sensitivity == nil)
    #expect(invented.lesionTruePositiveRate == nil && invented.lesionFalsePositiveRate == 1)
  }

  /// The transform against all pairs of voxels.
  @Test func distancesByDefinition() {
    let size = GridSize(6, 5, 4)
    let spacing = [0.7, 1.3, 2]
    for pattern in [UInt64(0x1), 0x8000_0400_0001, 0x0120_4081_2000_8421] {
      let set = (0..<size.count).map { pattern >> UInt64($0 % 59) & 1 == 1 && $0 % 3 != 1 }
      let distances = squaredDistances(to: set, size: size, spacing: spacing)
      for index in set.indices {
        func place(_ i: Int) -> [Double] { [Double(i % 6), Double(i / 6 % 5), Double(i / 30)] }
        let nearest =
          set.indices.filter { set[$0] }.map { other in
            (0..<3).reduce(0.0) {
              let away = (place(index)[$1] - place(other)[$1]) * spacing[$1]
              return $0 + away * away
            }
          }.min() ?? .infinity
        #expect(abs(distances[index] - nearest) < 1e-9)
      }
    }
  }

  @Test func noVoxelIsInfinitelyFar() {
    let distances = squaredDistances(
      to: Array(repeating: false, count: 8), size: GridSize(2, 2, 2), spacing: [1, 1, 1])
    #expect(distances.allSatisfy { $0 == .infinity })
  }

  @Test func meansSayHowManyEntered() {
    let mean = DefinedMean([0.5, nil, 1])
    #expect(mean.mean == 0.75 && mean.defined == 2 && mean.undefined == 1)
    #expect(DefinedMean([nil]).mean == nil)
  }
}
