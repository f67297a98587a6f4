import Engine

/// A pair of patches and how each is shown: what one optimizer step learns from.
public struct Pair: Sendable, Equatable {
  /// The two patches. Equal where one image is shown in two qualities.
  public var places: [PatchPlace]
  /// Image quality, drawn for each.
  public var qualities: [ImageQuality]
  /// Orientation, one for both.
  public var orientation: Orientation
  /// The generators of the two patches' dropout.
  public var dropout: [Random]
}

/// The pairs of one epoch: every patch once, in random order, each with a partner (paper, 2.2.2: "different augmented
/// versions of the same patch, or patches from different images extracted from the same region and with the same
/// orientation").
public struct PairSequence: Sendable {
  private let places: [PatchPlace]
  private let order: [Int]
  private let sameRegion: [Int: [Int]]
  private let sameRatio: Float
  private let random: Random

  /// - Parameters:
  ///   - places: the patches of the training set, in an order that does not change between runs.
  ///   - sameRatio: how often the partner is the same patch, 0…1.
  ///   - random: the epoch's generator; each pair derives its own from it.
  public init(_ places: [PatchPlace], sameRatio: Float, random: Random) {
    self.places = places
    self.sameRatio = sameRatio
    self.random = random
    var shuffler = random.derive(0)
    order = shuffler.permutation(places.count)
    sameRegion = Dictionary(grouping: places.indices) { places[$0].tile.index }
  }

  /// How many pairs the epoch has.
  public var count: Int { order.count }

  /// The pair at a place of the epoch. It depends on nothing that was drawn before it, so that a resumed run draws it too.
  public subscript(_ number: Int) -> Pair {
    let random = random.derive(1, UInt64(number))
    var draws = random.derive(0)
    let first = places[order[number]]
    let partner = partner(of: first, random: &draws)
    return Pair(
      places: [first, partner],
      qualities: [ImageQuality(random: &draws), ImageQuality(random: &draws)],
      orientation: Orientation(random: &draws),
      dropout: [random.derive(1), random.derive(2)])
  }

  private func partner(of first: PatchPlace, random: inout Random) -> PatchPlace {
    let same = random.uniform() < sameRatio
    let others = (sameRegion[first.tile.index] ?? []).filter { places[$0].caseID != first.caseID }
    return same || others.isEmpty ? first : places[others[random.int(below: others.count)]]
  }
}
