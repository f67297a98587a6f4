import Files
import Imaging
import Testing

@testable import Phantom

@Suite struct PhantomTests {
  static let tiny = cohort(seed: 7)

  static func cohort(seed: UInt64) -> PhantomCohort {
    PhantomCohort(
      labeled: 2, unlabeled: 6, test: 2, seed: seed,
      difficulty: PhantomParameters.frozen.difficulties[1], spacing: 5)
  }

  private func digest(_ scan: PhantomScan) -> String {
    let image = scan.image.values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
    }
    return Digest(of: image + scan.truth.values).description
  }

  /// Voxels of a tiny phantom as they were when the parameters were frozen: on any machine, in any build.
  @Test func voxelsAreFrozen() {
    let plans = Self.tiny.plans
    #expect(digest(Self.tiny.scan(plans[0])) == "4bc6a941793c7052931fabf3a86f392ac31027a33456793d5c864e6918deebe9")
    #expect(digest(Self.tiny.scan(plans[5])) == "c07ff0399c9bf3ee9425125f51972fe1dc47d94973256e67e8c1182caf659bd1")
  }

  @Test func parametersAreFrozen() {
    #expect(
      PhantomParameters.hash == "20eca14f4fd5b92fa20cb8d2f865fabc52e1b83b3727796898d9ca0c079a66f6",
      "a change of the phantom is a new phantom: raise `drawing`, freeze both digests anew, and say so in the results")
  }

  /// The same people, scanners and lesions with and without what is not MS: only its voxels differ.
  @Test func thePoolsMimicsCanBeChosenAlone() {
    var (none, all) = (Self.tiny, Self.tiny)
    (none.poolMimics, all.poolMimics) = (.none, .all)
    #expect(Self.tiny.plans.contains { $0.role == .unlabeled && !$0.otherHyperintensities.isEmpty })
    for (drawn, (without, with)) in zip(Self.tiny.plans, zip(none.plans, all.plans)) {
      #expect(drawn.seed == without.seed && drawn.seed == with.seed && drawn.load == with.load)
      #expect(drawn.scanner.name == without.scanner.name && drawn.scanner.name == with.scanner.name)
      guard drawn.role == .unlabeled else {
        #expect(drawn.otherHyperintensities == without.otherHyperintensities)
        #expect(drawn.otherHyperintensities == with.otherHyperintensities)
        continue
      }
      #expect(without.otherHyperintensities.isEmpty && !with.otherHyperintensities.isEmpty)
    }
    let place = 3
    let (clean, bright) = (none.scan(none.plans[place]), all.scan(all.plans[place]))
    #expect(clean.truth == bright.truth && clean.image != bright.image)
    let differing = zip(clean.image.values, bright.image.values).count { $0 != $1 }
    #expect(differing < clean.image.values.count / 5, "\(differing) of \(clean.image.values.count)")
  }

  @Test func hashGuardsEveryNumber() {
    let text = PhantomParameters.frozen.canonicalText
    for name in [
      "phantom.drawing", "anatomy.warp", "lesions.mostOfBrain", "mimics.rimHalo", "scanners.5.noise",
      "difficulties.2.walk", "patients.26.sizes.7", "flatness.4",
    ] {
      #expect(text.contains("\(name) = ") || text.contains("phantom.\(name) = "), "\(name) is not in the hash")
    }
  }

  @Test func sameFromManyThreads() async {
    let plans = Self.tiny.plans
    let alone = plans.prefix(3).map { digest(Self.tiny.scan($0)) }
    let together = await withTaskGroup(of: (Int, String).self) { group in
      for (index, plan) in plans.prefix(3).enumerated() { group.addTask { (index, self.digest(Self.tiny.scan(plan))) } }
      var answers = ["", "", ""]
      for await (index, answer) in group { answers[index] = answer }
      return answers
    }
    #expect(alone == together)
  }

  @Test func backgroundIsZeroAndBrainIsNot() {
    let scan = Self.tiny.scan(Self.tiny.plans[0])
    let brain = scan.image.values.count { $0 > 0 }
    #expect(brain > scan.image.values.count / 6 && brain < scan.image.values.count / 2)
    #expect(scan.image.values.allSatisfy { $0 >= 0 && $0 == $0.rounded() })
    for index in scan.truth.values.indices where scan.truth.values[index] == 1 {
      #expect(scan.image.values[index] > 0)
    }
    #expect(scan.truth.values.allSatisfy { $0 <= 1 })
  }

  @Test func brightestToDarkestIsGreyWhiteFluid() {
    let grid = Grid(size: SIMD3(61, 73, 61), spacing: 3)
    let head = Head(seed: 3, on: grid, texture: 1)
    let lesions = Lesions(seed: 3, in: head, load: 0, contrastFactor: 1)
    let image = ScannerTable.scanners[0].image(
      of: head, lesions: lesions, mimics: Array(repeating: 0, count: grid.count), seed: 3)
    func mean(_ holds: (Int) -> Bool) -> Float {
      let values = image.indices.filter { head.brain[$0] == 1 && lesions.mask[$0] == 0 && holds($0) }.map { image[$0] }
      return values.reduce(0, +) / Float(max(values.count, 1))
    }
    let grey = mean { head.cortex[$0] > 0.9 }
    let white = mean { head.white($0) > 0.98 && head.pia[$0] > 6 }
    let fluid = mean { head.fluid[$0] > 0.95 }
    #expect(grey > 1.08 * white && white > 2 * fluid, "grey \(grey), white \(white), fluid \(fluid)")
  }

  @Test func labeledComeFromOneScannerAndThePoolFromAll() {
    let plans = Self.tiny.plans
    #expect(plans.map(\.role) == [.labeled, .labeled] + Array(repeating: .unlabeled, count: 6) + [.test, .test])
    #expect(Set(plans.filter { $0.role == .labeled }.map(\.scanner.name)).count == 1)
    #expect(Set(plans.filter { $0.role == .unlabeled }.map(\.scanner.name)).count == 6)
    #expect(plans.filter { $0.role == .labeled }.allSatisfy { $0.otherHyperintensities.isEmpty })
    #expect(plans.contains { $0.role == .unlabeled && !$0.otherHyperintensities.isEmpty })
    #expect(Set(plans.map(\.name)).count == plans.count && Set(plans.map(\.seed)).count == plans.count)
    #expect(Self.cohort(seed: 8).plans.map(\.seed) != plans.map(\.seed))
  }

  /// The same head looks different to every scanner, and the more so the further it stands from the first.
  @Test func scannersAreDistinct() {
    let grid = Grid(size: SIMD3(37, 44, 37), spacing: 5)
    let head = Head(seed: 11, on: grid, texture: 1)
    let lesions = Lesions(seed: 11, in: head, load: 0.5, contrastFactor: 1)
    let none = [Float](repeating: 0, count: grid.count)
    let images = ScannerTable.scanners.map { scanner in
      scanner.image(of: head, lesions: lesions, mimics: none, seed: 11).map { $0 / scanner.gain }
    }
    func distance(_ a: [Float], _ b: [Float]) -> Float {
      let squares = zip(a, b).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return (squares / Float(head.brain.count { $0 == 1 })).squareRoot()
    }
    for first in images.indices {
      for second in images.indices where second > first { #expect(distance(images[first], images[second]) > 0.02) }
    }
    #expect(distance(images[0], images[5]) > 1.5 * distance(images[0], images[1]))
  }

  /// What is not MS is bright and not in the truth.
  @Test func mimicsAreBrightAndUntrue() {
    let grid = Grid(size: SIMD3(61, 73, 61), spacing: 3)
    let head = Head(seed: 12, on: grid, texture: 1)
    for mimic in Mimic.allCases {
      let signal = head.signal(of: [mimic], seed: 12)
      #expect(signal.contains { $0 > 0.1 }, "\(mimic)")
      #expect(
        signal.indices.allSatisfy { signal[$0] >= 0 && (signal[$0] == 0 || head.brain[$0] == 1 || mimic == .spots) })
    }
  }

  @Test func thresholdDiceBySearch() {
    let size = GridSize(3, 2, 1)
    let scan = PhantomScan(
      image: Volume(size: size, values: [0, 5, 5, 7, 9, 2]), truth: Volume(size: size, values: [0, 1, 0, 0, 1, 0]),
      geometry: .init(size: [3, 2, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), lesionSizes: [1, 1])
    // Above 5: {5, 5, 7, 9} has 2 of 2: 4/6. Above 9: 2/3.
    #expect(abs(scan.bestThresholdDice - 2.0 / 3) < 1e-12)
  }
}
