import Contract
import Imaging
import Testing

@testable import Evaluation

/// What must hold of any two masks, the empty ones among them.
@Suite struct SymmetryTests {
  private static let size = GridSize(7, 6, 5)
  private static let affine = [0.8, 0, 0, 4, 0, 1.2, 0, -3, 0, 0, 1.5, 9]
  private static let geometry = GridGeometry(size: size.list, affine: affine)

  private func pairs(_ count: Int = 150) -> [(Volume<UInt8>, Volume<UInt8>)] {
    var chance = Chance(state: 42)
    return (0..<count).map { index in
      let truth = Volume.random(size: Self.size, &chance)
      return (truth, index % 3 == 0 ? .random(size: Self.size, &chance) : truth.disturbed(&chance))
    }
  }

  private func compare(_ truth: Volume<UInt8>, _ mask: Volume<UInt8>) -> MaskComparison {
    MaskComparison(truth: truth, mask: mask, geometry: Self.geometry)
  }

  @Test func truthAndMaskTradePlaces() {
    var (empty, undefined) = (0, 0)
    for (truth, mask) in pairs() {
      let (here, there) = (compare(truth, mask), compare(mask, truth))
      #expect(here.dice == there.dice && here.voxels.jaccard == there.voxels.jaccard)
      #expect(here.precision == there.sensitivity && here.sensitivity == there.precision)
      #expect(isClose(here.lesionTruePositiveRate, there.lesionFalsePositiveRate.map { 1 - $0 }))
      #expect(here.detection.sensitivity == there.detection.precision)
      #expect(here.detection.precision == there.detection.sensitivity)
      #expect(here.detection.detectedTruthLesions == there.detection.detectedMaskLesions)
      #expect(here.distance?.percentile95 == there.distance?.percentile95)
      #expect(isClose(here.distance?.average, there.distance?.average))
      empty += truth.total == 0 || mask.total == 0 ? 1 : 0
      undefined += here.detection.f1 == nil ? 1 : 0
    }
    #expect(empty > 5 && undefined > 2, "the masks are to hold empty ones")
  }

  private func isClose(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return abs(one - other) < 1e-9
  }

  @Test func aPerfectMaskIsPerfect() {
    for (truth, _) in pairs() {
      let same = compare(truth, truth)
      #expect(same.dice == 1 && same.voxels.jaccard == 1 && same.voxels.volumeDifference == 0)
      #expect(same.precision == 1 && same.sensitivity == 1)
      #expect(same.lesionTruePositiveRate == 1 && same.lesionFalsePositiveRate == 0)
      #expect(abs((same.challengeScore ?? 0) - 1) < 1e-15)
      #expect(same.detection.sensitivity == 1 && same.detection.precision == 1 && same.detection.f1 == 1)
      #expect(same.distance?.average ?? 0 == 0 && same.distance?.percentile95 ?? 0 == 0)
      #expect((same.distance == nil) == (truth.total == 0))
    }
  }

  @Test func figuresStayInTheirRange() {
    let shares = [
      "dice", "precision", "sensitivity", "jaccard", "lesionTruePositiveRate", "lesionFalsePositiveRate",
      "challengeScore", "lesionSensitivity", "lesionPrecision", "lesionF1",
    ]
    for (truth, mask) in pairs() {
      let comparison = compare(truth, mask)
      for figure in Figure.all {
        guard let value = figure.value(comparison) else { continue }
        #expect(value.isFinite && value >= 0, "\(figure.key)")
        if shares.contains(figure.key) { #expect(value <= 1, "\(figure.key)") }
        if figure.isCount { #expect(value == value.rounded(), "\(figure.key)") }
      }
      let dice = comparison.dice
      #expect(abs(comparison.voxels.jaccard - dice / (2 - dice)) < 1e-12)
      if let distance = comparison.distance { #expect(distance.average <= distance.percentile95 * 20) }
    }
  }

  /// Values, the order of axes and the side from which one looks are no matter.
  @Test func onlyWhereLesionsAreMatters() {
    // The grid's z, x, y are now first, second, third.
    let turned = GridGeometry(size: [5, 7, 6], affine: [0, 0.8, 0, 4, 0, 0, 1.2, -3, 1.5, 0, 0, 9])
    for (truth, mask) in pairs(60) {
      let here = compare(truth, mask)
      let there = MaskComparison(truth: truth.turned, mask: mask.turned.map { $0 > 0 ? 1 : 0 }, geometry: turned)
      for figure in Figure.ofVoxels + Figure.ofISBI {
        #expect(isClose(figure.value(here), figure.value(there)), "\(figure.key)")
      }
      #expect(centres(here) == centres(there))
    }
  }

  private func centres(_ comparison: MaskComparison) -> [[Double]] {
    let centres = comparison.lesions.truth.map { $0.centre.map { ($0 * 1e6).rounded() } }
    return centres.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Surfaces by definition: all pairs of surface voxels.
  @Test func surfaceDistancesByDefinition() throws {
    for (truth, mask) in pairs(60) where truth.total > 0 && mask.total > 0 {
      let (one, other) = (surface(truth), surface(mask))
      func nearest(_ place: [Double], _ places: [[Double]]) -> Double {
        let squares = places.map { other in
          (0..<3).reduce(0.0) { $0 + (other[$1] - place[$1]) * (other[$1] - place[$1]) }
        }
        return squares.min()?.squareRoot() ?? .nan
      }
      let distances = (one.map { nearest($0, other) } + other.map { nearest($0, one) }).sorted()
      let distance = try #require(compare(truth, mask).distance)
      #expect(abs(distance.average - distances.reduce(0, +) / Double(distances.count)) < 1e-9)
      let rank = 0.95 * Double(distances.count - 1)
      #expect(distance.percentile95 >= distances[Int(rank)] - 1e-9)
      #expect(distance.percentile95 <= distances[min(Int(rank) + 1, distances.count - 1)] + 1e-9)
    }
  }

  /// Places in mm of the voxels that have background, or nothing, across a face.
  private func surface(_ mask: Volume<UInt8>) -> [[Double]] {
    var places: [[Double]] = []
    let steps = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
    for z in 0..<mask.size.z {
      for y in 0..<mask.size.y {
        for x in 0..<mask.size.x where mask[x, y, z] != 0 {
          let isBare = steps.contains { step in
            let (i, j, k) = (x + step.0, y + step.1, z + step.2)
            let isInside = i >= 0 && j >= 0 && k >= 0 && i < mask.size.x && j < mask.size.y && k < mask.size.z
            return !isInside || mask[i, j, k] == 0
          }
          if isBare { places.append([0.8 * Double(x), 1.2 * Double(y), 1.5 * Double(z)]) }
        }
      }
    }
    return places
  }
}
