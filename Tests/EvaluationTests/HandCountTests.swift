import Contract
import Imaging
import Testing

@testable import Evaluation

/// Two masks along a line of voxels, and what each figure must say of them.
struct LinePair: Sendable, CustomTestStringConvertible {
  let truth, mask: String
  /// Of a voxel, mm.
  let edge: Double
  /// All figures in their order, as fractions; a dash where one is undefined.
  let figures: String
  var testDescription: String { "\(truth) \(mask)" }

  /// The figures' keys and numbers.
  var expected: [(key: String, value: Double?)] {
    let words = figures.split(whereSeparator: \.isWhitespace)
    return stride(from: 0, to: words.count - 1, by: 2).map { place in
      let parts = words[place + 1].split(separator: "/").compactMap { Double($0) }
      return (key: String(words[place]), value: parts.count == 2 ? parts[0] / parts[1] : parts.first)
    }
  }

  var comparison: MaskComparison {
    func volume(_ text: String) -> Volume<UInt8> {
      Volume(size: GridSize(text.utf8.count, 1, 1), values: text.utf8.map { $0 == UInt8(ascii: ".") ? 0 : 1 })
    }
    let affine = [edge, 0, 0, 0, 0, edge, 0, 0, 0, 0, edge, 0]
    return MaskComparison(
      truth: volume(truth), mask: volume(mask),
      geometry: GridGeometry(size: [truth.utf8.count, 1, 1], affine: affine))
  }
}

/// Every figure by hand, so that none can stand under another's name: truth and mask, found and false, volumes and counts
/// are all different in one pair or another.
@Suite struct HandCountTests {
  static let pairs: [LinePair] = [
    // Two voxels in common, one of the mask's alone, two of the truth's. Surfaces are 0, 0, 20, 10 and 0, 0, 10 mm apart:
    // 40 mm by 7, and 0.95 of the six ranks lie between 10 and 20. ISBI: (4/7 / 8 + 2/3 / 8 + 1/2 / 4 + 1/3 / 4) 4/3.
    LinePair(
      truth: "tt.t.t..", mask: "mm....m.", edge: 10,
      figures: """
        dice 4/7 precision 2/3 sensitivity 1/2 jaccard 2/5 volumeDifference 1/4 truthVolume 4000 maskVolume 3000
        averageSurfaceDistance 40/7 surfaceDistance95 17
        lesionTruePositiveRate 1/3 lesionFalsePositiveRate 1/2 challengeScore 61/126
        truthLesions 3 foundLesions 1 maskLesions 2 falseLesions 1
        lesionSensitivity 1/3 lesionPrecision 1/2 lesionF1 2/5
        countedTruthLesions 3 detectedTruthLesions 1 countedMaskLesions 2 detectedMaskLesions 1
        lesionsWithoutTruth - volumeWithoutTruth -
        """),
    // Voxels of 1 mm³, so that MSSEG counts lesions from four voxels on: of the truth the first two, of which the first is
    // detected (12 of its 14 voxels are covered, 8 of these by the first two marks), of the mask the first three, which are
    // right, and `mmmm` further on. 13 voxels in common, 8 and 7 alone. Distances: 1, 1, 3, 4, 4, 3, 1 and 3, 4, 5, 6, 9,
    // 12, 13, 16, the others 0: 85 mm by 41, and the third highest is at 0.95 of the 40 ranks.
    // ISBI: (26/41 / 8 + 13/21 / 8 + 1/2 / 4 + 2/3 / 4) 4/3.
    LinePair(
      truth: "tttttttttttttt..tttt..tt................", mask: "mmmm.mmmm.mmmm........m...mmmm..m..mm..m", edge: 1,
      figures: """
        dice 26/41 precision 13/21 sensitivity 13/20 jaccard 13/28 volumeDifference 1/20 truthVolume 20 maskVolume 21
        averageSurfaceDistance 85/41 surfaceDistance95 12
        lesionTruePositiveRate 2/3 lesionFalsePositiveRate 1/2 challengeScore 1544/2583
        truthLesions 3 foundLesions 2 maskLesions 8 falseLesions 4
        lesionSensitivity 1/2 lesionPrecision 3/4 lesionF1 3/5
        countedTruthLesions 2 detectedTruthLesions 1 countedMaskLesions 4 detectedMaskLesions 3
        lesionsWithoutTruth - volumeWithoutTruth -
        """),
    // Nothing to be found.
    LinePair(
      truth: "........", mask: "mm..m...", edge: 10,
      figures: """
        dice 0 precision 0 sensitivity - jaccard 0 volumeDifference - truthVolume 0 maskVolume 3000
        averageSurfaceDistance - surfaceDistance95 -
        lesionTruePositiveRate - lesionFalsePositiveRate 1 challengeScore -
        truthLesions 0 foundLesions 0 maskLesions 2 falseLesions 2
        lesionSensitivity - lesionPrecision 0 lesionF1 -
        countedTruthLesions 0 detectedTruthLesions 0 countedMaskLesions 2 detectedMaskLesions 0
        lesionsWithoutTruth 2 volumeWithoutTruth 3000
        """),
  ]

  @Test(arguments: pairs) func everyFigureIsWhatItIsCalled(pair: LinePair) {
    let expected = pair.expected
    #expect(expected.map(\.key) == Figure.all.map(\.key))
    let comparison = pair.comparison
    for (figure, wanted) in zip(Figure.all, expected) {
      let found = figure.value(comparison)
      #expect(isClose(found, wanted.value), "\(figure.key): \(found as Any), not \(wanted.value as Any)")
    }
  }

  private func isClose(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return abs(one - other) < 1e-12
  }
}
