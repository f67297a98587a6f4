import Contract
import Imaging
import Testing

@testable import Evaluation

@Suite struct MaskTests {
  private func volume(_ layers: [String]) -> Volume<UInt8> {
    Volume(size: GridSize(9, 8, 7), values: layers.joined().utf8.map { $0 - UInt8(ascii: "0") })
  }

  private let geometry = GridGeometry(size: [9, 8, 7], affine: [0.9, 0, 0, 0, 0, 1.1, 0, 0, 0, 0, 3, 0])

  @Test(arguments: MaskPair.golden.indices) func agreesWithOthers(index: Int) throws {
    let golden = MaskPair.golden[index]
    let comparison = MaskComparison(truth: volume(golden.truth), mask: volume(golden.mask), geometry: geometry)
    #expect(comparison.lesions.truth.count == golden.lesions)
    #expect(comparison.lesions.truth.count(where: \.isMet) == golden.found)
    #expect(comparison.lesions.mask.count == golden.marks)
    #expect(comparison.lesions.mask.count { !$0.isMet } == golden.wrong)
    let distance = try #require(comparison.distance)
    let figures: [(Double?, Double)] = [
      (distance.average, golden.average), (distance.percentile95, golden.percentile95),
      (comparison.dice, golden.dice), (comparison.voxels.jaccard, golden.jaccard),
      (comparison.voxels.volumeDifference, golden.volumeDifference), (comparison.challengeScore, golden.score),
    ]
    for (ours, theirs) in figures { #expect(abs(try #require(ours) - theirs) < 1e-12) }
    let voxels = golden.truth.joined().utf8.count { $0 == UInt8(ascii: "1") }
    #expect(abs(comparison.truthVolume - Double(voxels) * 2.97) < 1e-9)
  }

  @Test(arguments: MaskPair.golden.indices) func lesionsLieWhereScipySays(index: Int) {
    let golden = MaskPair.golden[index]
    // Turned, stretched and shifted: x of the world is -1.1 times the grid's y, and so on.
    let turned = GridGeometry(size: [9, 8, 7], affine: [0, -1.1, 0, 10, 0.9, 0, 0, -20, 0, 0, 3, 5])
    let lesions = LesionOverlap(truth: volume(golden.truth), mask: volume(golden.mask), geometry: turned).truth
    #expect(lesions.count == golden.centres.count)
    for (lesion, centre) in zip(lesions, golden.centres) {
      let expected = [10 - 1.1 * centre[1], 0.9 * centre[0] - 20, 3 * centre[2] + 5]
      for (ours, theirs) in zip(lesion.centre, expected) { #expect(abs(ours - theirs) < 1e-9) }
      #expect(abs(lesion.volume - 2.97 * Double(lesion.voxels)) < 1e-9)
    }
  }

  /// Every pair of masks of three voxels against sets.
  @Test func overlapOfAllTinyMasks() {
    for (a, b) in (0..<64).map({ ($0 & 7, $0 >> 3) }) {
      let truth = (0..<3).map { UInt8(a >> $0 & 1) }
      let mask = (0..<3).map { UInt8(b >> $0 & 1) * 255 }
      let (first, second) = (Set((0..<3).filter { truth[$0] > 0 }), Set((0..<3).filter { mask[$0] > 0 }))
      let overlap = VoxelOverlap(truth: truth, mask: mask)
      let both = Double(first.intersection(second).count)
      let either = Double(first.union(second).count)
      if first.isEmpty, second.isEmpty {
        #expect(overlap.dice == 1 && overlap.precision == 1 && overlap.sensitivity == 1)
        #expect(overlap.jaccard == 1 && overlap.volumeDifference == 0)
      } else {
        #expect(overlap.dice == 2 * both / Double(first.count + second.count))
        #expect(overlap.jaccard == both / either)
        let more = Double(abs(second.count - first.count))
        #expect(overlap.volumeDifference == (first.isEmpty ? nil : more / Double(first.count)))
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
    #expect(nothing.distance == nil && nothing.challengeScore == 1)
    let missed = MaskComparison(truth: one, mask: empty, geometry: grid)
    #expect(missed.dice == 0 && missed.precision == nil && missed.sensitivity == 0)
    #expect(missed.lesionTruePositiveRate == 0 && missed.lesionFalsePositiveRate == nil)
    #expect(missed.challengeScore == nil && missed.distance == nil)
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
