import Imaging
import Testing

@testable import Phantom

@Suite struct LesionTests {
  /// Lesions of several heads on a coarse grid, large enough to hold patients of the table.
  static let heads: [(head: Head, lesions: Lesions)] = (0..<6).map { number in
    let seed = UInt64(900 + number)
    let head = Head(seed: seed, on: Grid(size: SIMD3(61, 73, 61), spacing: 3), texture: 1)
    return (head, Lesions(seed: seed, in: head, load: (Float(number) + 0.5) / 6, contrastFactor: 1))
  }

  @Test func lieInsideTheBrainAndInTissue() {
    for (head, lesions) in Self.heads {
      for index in lesions.mask.indices where lesions.mask[index] == 1 {
        #expect(head.brain[index] == 1)
        #expect(head.white(index) >= 0.3)
        #expect(lesions.contrast[index] > 0)
      }
    }
  }

  /// What was placed is what a count of components finds: no two lesions touch.
  @Test func sizesAreThoseOfTheComponents() {
    for (head, lesions) in Self.heads {
      let size = head.grid.size
      let mask = Volume(size: GridSize(size.x, size.y, size.z), values: lesions.mask)
      let (labels, count) = Components.label(mask, connectivity: .corners)
      var found = [Int](repeating: 0, count: count)
      for label in labels.values where label > 0 { found[Int(label) - 1] += 1 }
      #expect(found.sorted() == lesions.sizes.sorted())
    }
  }

  @Test func numberAndVolumeAreThoseOfAPatient() {
    for (number, (head, lesions)) in Self.heads.enumerated() {
      let room = Int(Float(head.brain.reduce(0) { $0 + Int($1) }) * 0.05)
      let fitting = LesionTable.patients.filter { $0.voxels <= room }
      let patient = fitting[min(number * fitting.count / 6, fitting.count - 1)]
      let neighbours = LesionTable.patients.filter { abs($0.voxels - patient.voxels) <= patient.voxels }
      let counts = neighbours.map(\.lesions)
      #expect(lesions.sizes.count >= (counts.min() ?? 0) / 2)
      #expect(lesions.sizes.count <= (counts.max() ?? 0) * 3 / 2)
      let largest = neighbours.compactMap { $0.sizes.last }.max() ?? 0
      #expect(Float(lesions.sizes[0]) <= largest + 1)
    }
  }

  /// Sizes drawn from the table have its percentiles: of many draws as many lie below one as it says, within 3 %.
  @Test func drawsFollowTheTable() {
    var chance = Chance(seed: 5)
    for patient in LesionTable.patients {
      let draws = (0..<4000).map { _ in chance.draw(patient.sizes, at: LesionTable.sizeSteps) }
      for (step, value) in zip(LesionTable.sizeSteps, patient.sizes) {
        let below = Float(draws.count { $0 < value }) / 40
        let upTo = Float(draws.count { $0 <= value }) / 40
        #expect(below <= step + 3 && upTo >= step - 3, "\(step) %: \(below) to \(upTo)")
      }
    }
  }

  /// Lesions grown in real heads are about as long as the table's: the median within a third of it.
  @Test func lengthsFollowTheTable() {
    var ratios: [Float] = []
    for (head, lesions) in Self.heads {
      let size = head.grid.size
      let mask = Volume(size: GridSize(size.x, size.y, size.z), values: lesions.mask)
      let (labels, count) = Components.label(mask, connectivity: .corners)
      var places = [[SIMD3<Double>]](repeating: [], count: count)
      for (index, label) in labels.values.enumerated() where label > 0 {
        places[Int(label) - 1].append(SIMD3<Double>(head.grid.place(index)))
      }
      ratios += places.filter { $0.count >= 20 }.map(lengthRatio(of:))
    }
    ratios.sort()
    let median = ratios[ratios.count / 2]
    #expect(ratios.count > 20)
    #expect(abs(median - LesionTable.lengthRatio[2]) < LesionTable.lengthRatio[2] / 3, "median \(median)")
  }

  /// Largest over middle standard deviation along the principal axes, by power iteration and deflation.
  private func lengthRatio(of places: [SIMD3<Double>]) -> Float {
    let mean = places.reduce(.zero, +) / Double(places.count)
    var rows = [SIMD3<Double>](repeating: .zero, count: 3)
    for place in places {
      for row in 0..<3 { rows[row] += (place - mean) * (place - mean)[row] / Double(places.count) }
    }
    for row in 0..<3 { rows[row][row] += 1 / 12 }
    func largest() -> (value: Double, axis: SIMD3<Double>) {
      var axis = SIMD3<Double>(0.6, 0.5, 0.62)
      for _ in 0..<200 {
        let turned = SIMD3((rows[0] * axis).sum(), (rows[1] * axis).sum(), (rows[2] * axis).sum())
        axis = turned / (turned * turned).sum().squareRoot()
      }
      let turned = SIMD3((rows[0] * axis).sum(), (rows[1] * axis).sum(), (rows[2] * axis).sum())
      return ((turned * axis).sum(), axis)
    }
    let first = largest()
    for row in 0..<3 { rows[row] -= first.axis * first.axis[row] * first.value }
    return Float((first.value / largest().value).squareRoot())
  }
}
