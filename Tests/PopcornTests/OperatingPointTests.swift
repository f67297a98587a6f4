import Engine
import Imaging
import Testing

@testable import Popcorn

/// Where probabilities become lesions, against a flood fill.
@Suite struct OperatingPointTests {
  private static let size = GridSize(7, 6, 5)

  private func probabilities(seed: UInt64) -> Volume<Float> {
    var random = Random(seed: seed)
    let values = (0..<Self.size.count).map { _ in random.uniform() }
    return Volume(size: Self.size, values: values)
  }

  /// The voxels that hang together with `start` by faces, edges or corners.
  private func flood(_ mask: [Bool], from start: Int) -> Set<Int> {
    let (width, height) = (Self.size.x, Self.size.y)
    func place(_ index: Int) -> [Int] { [index % width, index / width % height, index / (width * height)] }
    var (found, edge) = (Set([start]), [start])
    while let here = edge.popLast() {
      for other in mask.indices where mask[other] && !found.contains(other) {
        if zip(place(here), place(other)).allSatisfy({ abs($0 - $1) <= 1 }) {
          found.insert(other)
          edge.append(other)
        }
      }
    }
    return found
  }

  @Test(arguments: [0, 2.5, 3, 6, 9.1, 1e6]) func whatIsSmallerThanTheFloorIsLeftOut(floor: Double) {
    let voxel = 3.0
    for seed in UInt64(1)...20 {
      let (probability, point) = (probabilities(seed: seed), OperatingPoint(threshold: 0.85, floor: floor))
      let lesion = probability.values.map { Double($0) >= 0.85 }
      let expected = lesion.indices.map { place -> UInt8 in
        lesion[place] && Double(flood(lesion, from: place).count) * voxel >= floor ? 1 : 0
      }
      #expect(point.mask(probability, voxel: voxel).values == expected)
    }
  }

  /// Wherever the threshold is, what is surely none and what is surely lesion is told.
  @Test(arguments: [0.01, 0.1, 0.19, 0.5, 0.81, 0.99]) func theBandLeavesBothEnds(threshold: Double) {
    let probability = Volume<Float>(size: GridSize(3, 1, 1), values: [0, Float(threshold), 1])
    #expect(OperatingPoint(threshold: threshold).mask(probability, voxel: 1, band: 0.2).values == [0, unknownVoxel, 1])
  }

  /// The band stays unknown; only what is lesion can be too small.
  @Test func theBandIsNotCounted() {
    for seed in UInt64(1)...20 {
      let probability = probabilities(seed: seed)
      let plain = OperatingPoint(threshold: 0.8).mask(probability, voxel: 1, band: 0.1)
      let floored = OperatingPoint(threshold: 0.8, floor: 2).mask(probability, voxel: 1, band: 0.1)
      let lesion = plain.values.map { $0 == 1 }
      for place in lesion.indices {
        let isUnknown = abs(Double(probability.values[place]) - 0.8) < 0.1
        #expect((plain.values[place] == unknownVoxel) == isUnknown)
        let stays = !lesion[place] || flood(lesion, from: place).count >= 2
        #expect(floored.values[place] == (stays ? plain.values[place] : 0))
      }
    }
  }
}
