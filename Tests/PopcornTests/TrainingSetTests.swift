import Contract
import Engine
import Imaging
import Testing

@testable import Popcorn

/// What a step is shown: patches and their truths together, and what each truth counts.
@Suite struct TrainingSetTests {
  private static let edge = 8

  /// Scans and truths of one tile, as they are given; brain throughout.
  private final class Given: CaseSource {
    private let size = GridSize(TrainingSetTests.edge, TrainingSetTests.edge, TrainingSetTests.edge)
    private let images: [String: [Float]]
    private let truths: [String: [UInt8]]

    init(images: [String: [Float]], truths: [String: [UInt8]]) { (self.images, self.truths) = (images, truths) }

    func volume(of scan: CaseReference) throws -> CaseVolume {
      CaseVolume(
        image: Volume(size: size, values: try #require(images[scan.id])), brain: Volume(size: size, repeating: 1))
    }

    func mask(_ mask: MaskReference, of scan: CaseReference) throws -> Volume<UInt8> {
      Volume(size: size, values: try #require(truths[scan.id]))
    }
  }

  /// Scans that are their own truths: what is done to the one has to be done to the other.
  private var ownTruths: Given {
    var random = Random(seed: 11)
    var truths: [String: [UInt8]] = [:]
    for id in ["L0", "L1", "U0"] {
      truths[id] = (0..<Self.edge * Self.edge * Self.edge).map { _ in random.uniform() < 0.4 ? 1 : 0 }
    }
    return Given(images: truths.mapValues { $0.map { Float($0) } }, truths: truths)
  }

  /// Scans whose voxels all differ, and whose truths do.
  private var numbered: Given {
    let numbers = Array(0..<Self.edge * Self.edge * Self.edge)
    return Given(
      images: ["L0": numbers.map { Float($0) }, "L1": numbers.map { Float(1000 + $0) }],
      truths: ["L0": numbers.map { $0 % 2 == 0 ? 1 : 0 }, "L1": numbers.map { $0 % 3 == 0 ? 1 : 0 }])
  }

  private func trainingSet(
    of source: Given, recipe: String = "paper", second: MaskReference.Kind = .expert
  ) throws -> TrainingSet {
    var order = TinyStudy.order(labelled: 2) { $0.preparation.size = [Self.edge, Self.edge, Self.edge] }
    order.trainingSet[1].masks[0].kind = second
    return try TrainingSet(
      order.trainingSet, from: source, settings: order.settings, recipe: try Recipe(named: recipe))
  }

  private func pair(_ places: [PatchPlace], _ orientation: Orientation, paste: PasteBox? = nil) -> Pair {
    Pair(
      places: places, qualities: places.map { _ in .unchanged }, gammas: places.map { _ in .unchanged },
      orientation: orientation, warps: places.map { _ in .none }, dropout: places.map { _ in Random(seed: 1) },
      paste: paste)
  }

  private static var orientations: [Orientation] {
    (0..<10).flatMap { rotation in (0..<4).map { Orientation(rotation: rotation, flip: $0) } }
  }

  @Test(arguments: [false, true]) func whatIsDoneToAScanIsDoneToItsTruth(isPasted: Bool) throws {
    let set = try trainingSet(of: ownTruths)
    #expect(set.places.map(\.caseID) == ["L0", "L1"])
    var random = Random(seed: 4)
    for orientation in Self.orientations {
      let paste = isPasted ? PasteBox(random: &random) : nil
      let shown = try set.cut(pair(set.places, orientation, paste: paste))
      #expect(shown.count == 2 && shown[0].image != shown[1].image)
      #expect(shown.allSatisfy { $0.image == $0.truth.map { Float($0) } }, "\(orientation)")
    }
  }

  @Test func aSoftLabelIsTurnedWithItsPatch() throws {
    var set = try trainingSet(of: ownTruths)
    try set.addUnlabelled(TinyStudy.scan("U0", labelled: false))
    let place = try #require(set.unlabelled.first)
    let labels = SoftLabels(in: TinyStore(), voxels: Self.edge * Self.edge * Self.edge)
    let (image, most) = (try set.image(place), Float(0.693_147_2))
    try labels.write(SoftLabel(lesion: image, entropy: image.map { most * (1 - $0) }), of: place)
    set.softLabels = labels
    for orientation in Self.orientations {
      let shown = try set.cut(pair([set.places[0], place], orientation))
      let soft = try #require(shown[1].soft)
      #expect(shown[0].soft == nil && shown[1].truth.isEmpty)
      #expect(soft.lesion == shown[1].image, "\(orientation)")
      #expect(zip(soft.entropy, shown[1].image).allSatisfy { abs($0 - most * (1 - $1)) < 1e-6 }, "\(orientation)")
    }
  }

  /// Two thirds of an edge of 8 are 5, which leaves room for four places along an axis.
  @Test func aBoxOfThePartnerIsPastedWithItsTruthIntoTheTurnedPatch() throws {
    let set = try trainingSet(of: numbered)
    for seed in UInt64(0)..<20 {
      var (random, draws) = (Random(seed: seed), Random(seed: seed))
      let first = (0..<3).map { _ in Int(draws.uniform() * 4) }
      let shown = try set.cut(
        pair(set.places, Orientation(rotation: 0, flip: 1), paste: PasteBox(random: &random)))
      var (image, truth, partner): ([Float], [UInt8], [Float]) = ([], [], [])
      for z in 0..<Self.edge {
        for y in 0..<Self.edge {
          for x in 0..<Self.edge {
            let isInside = zip([x, y, z], first).allSatisfy { $1 <= $0 && $0 < $1 + 5 }
            // Flipped along x.
            let number = Self.edge - 1 - x + Self.edge * (y + Self.edge * z)
            image.append(Float(isInside ? 1000 + number : number))
            truth.append(number % (isInside ? 3 : 2) == 0 ? 1 : 0)
            partner.append(Float(1000 + number))
          }
        }
      }
      #expect(shown[0].image == image && shown[0].truth == truth, "a box from \(first)")
      #expect(shown[1].image == partner)
    }
  }

  /// What is pasted counts as what it is pasted into.
  @Test func noBoxOfAPseudoLabelIsPastedIntoAnExpertsPatchWhereItCountsLess() throws {
    for (recipe, isPasted) in [("paper", true), ("paper+trust=0.3", false)] {
      let set = try trainingSet(of: numbered, recipe: recipe, second: .pseudo)
      var random = Random(seed: 2)
      let shown = try set.cut(
        pair(set.places, Orientation(rotation: 0, flip: 0), paste: PasteBox(random: &random)))
      #expect(shown[0].image.contains { $0 >= 1000 } == isPasted)
      #expect(shown[0].truth.indices.contains { shown[0].truth[$0] != ($0 % 2 == 0 ? 1 : 0) } == isPasted)
    }
  }

  @Test(arguments: [("paper", 1.0), ("paper+trust=0.3", 0.3)])
  func aPseudoLabelCountsWhatTheRecipeSays(recipe: String, pseudo: Double) throws {
    var order = TinyStudy.order(labelled: 2)
    order.trainingSet[1].masks[0].kind = .pseudo
    let set = try TrainingSet(
      order.trainingSet, from: TinyStudy(), settings: order.settings, recipe: try Recipe(named: recipe))
    let pairs = PairSequence(
      set.places, partners: set.partners, companion: .another, sameRatio: 0, random: Random(seed: 3))
    var counts: [String: Set<Double>] = [:]
    for number in 0..<pairs.count {
      let pair = pairs[number]
      for (place, shown) in zip(pair.places, try set.cut(pair)) {
        counts[place.caseID, default: []].insert(shown.trust)
      }
    }
    #expect(counts == ["L0": [1], "L1": [pseudo]])
  }
}
