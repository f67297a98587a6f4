import Engine

/// Patches and how each is shown: what one optimizer step learns from. Two of them, or three where two are one patch
/// without a label, shown in two ways.
public struct Pair: Sendable, Equatable {
  /// The patches. Equal where one image is shown in two qualities.
  public var places: [PatchPlace]
  /// Image quality, drawn for each.
  public var qualities: [ImageQuality]
  /// Contrast, drawn for each where the recipe changes it.
  public var gammas: [Gamma]
  /// Orientation, one for all.
  public var orientation: Orientation
  /// What is done to each after that.
  public var warps: [Warp]
  /// The generators of the patches' dropout.
  public var dropout: [Random]
  /// A box of the second patch that is pasted into the first; nil where none is.
  public var paste: PasteBox?
}

/// What stands beside a labelled patch in an optimizer step.
public enum Companion: Sendable, Equatable {
  /// A labelled patch: the same in another quality, or one of the same region (paper, 2.2.2).
  case sameRegion
  /// Another labelled patch, of the same region where one is. Without consistency there is nothing to learn from one patch
  /// in two qualities that two patches do not teach better.
  case another
  /// A patch of the pool.
  case unlabelled
  /// A patch of the pool twice, the two times under transformations of their own.
  case unlabelledTwice(Transformation)

  /// The transformations of the third method that the paper compares with.
  public enum Transformation: Sendable, Equatable {
    /// A flip along one axis or none, for each.
    case flip
    /// An elastic deformation of the second.
    case elastic
  }

  /// Whether it is of the pool, without a label.
  public var isOfPool: Bool { self != .sameRegion && self != .another }

  /// Patches of a step.
  public var patches: Int { if case .unlabelledTwice = self { 3 } else { 2 } }
}

/// The pairs of one epoch: every labelled patch once (one of them in its place half of the time, where it stands alone beside
/// the pool: no strategy is to be shown fewer different ones than another), in random order, each with a partner (paper, 2.2.2: "different
/// augmented versions of the same patch, or patches from different images extracted from the same region and with the same
/// orientation") or with a patch of the pool.
public struct PairSequence: Sendable {
  private let places: [PatchPlace]
  private let unlabelled: [PatchPlace]
  private let companion: Companion
  private let order: [Int]
  private let partners: [PatchPlace]
  private let sameRegion: [Int: [PatchPlace]]
  private let sameRatio: Float
  private let pasteRatio: Float
  private let variesContrast: Bool
  private let random: Random

  /// - Parameters:
  ///   - places: the patches of the training set, in an order that does not change between runs.
  ///   - partners: what a patch may be paired with where it shows the same region of another image; nil for `places`.
  ///   - companion: what stands beside each.
  ///   - unlabelled: patches of the pool, where companions are taken from it; without any they are other labelled ones.
  ///   - sameRatio: how often the partner is the same patch, 0…1.
  ///   - pasteRatio: how often a box of the partner is pasted into the patch, 0…1.
  ///   - variesContrast: whether patches are shown in contrasts of their own.
  ///   - random: the epoch's generator; each pair derives its own from it.
  public init(
    _ places: [PatchPlace], partners: [PatchPlace]? = nil, companion: Companion = .sameRegion,
    unlabelled: [PatchPlace] = [], sameRatio: Float, pasteRatio: Float = 0, variesContrast: Bool = false, random: Random
  ) {
    self.places = places
    self.unlabelled = unlabelled
    self.companion = companion.isOfPool && unlabelled.isEmpty ? .another : companion
    self.sameRatio = sameRatio
    self.pasteRatio = pasteRatio
    self.variesContrast = variesContrast
    self.random = random
    var shuffler = random.derive(0)
    order = shuffler.permutation(places.count)
    self.partners = partners ?? places
    sameRegion = Dictionary(grouping: self.partners) { $0.tile.index }
  }

  /// How many pairs the epoch has.
  public var count: Int { order.count }

  /// The pair at a place of the epoch. It depends on nothing that was drawn before it, so that a resumed run draws it too.
  public subscript(_ number: Int) -> Pair {
    let random = random.derive(1, UInt64(number))
    var draws = random.derive(0)
    var first = places[order[number]]
    // Two labelled patches a step are one of `places` and one of all partners; where there is one, it is the one or the other.
    if companion.isOfPool, draws.uniform() < 0.5 { first = another(than: first, random: &draws) }
    let others: [PatchPlace]
    switch companion {
    case .sameRegion: others = [partner(of: first, random: &draws)]
    case .another: others = [another(than: first, random: &draws)]
    case .unlabelled: others = [unlabelled[draws.int(below: unlabelled.count)]]
    case .unlabelledTwice:
      let place = unlabelled[draws.int(below: unlabelled.count)]
      others = [place, place]
    }
    let shown = [first] + others
    let qualities = shown.map { _ in ImageQuality(random: &draws) }
    let orientation = Orientation(random: &draws)
    var extra = random.derive(3)
    var contrast = random.derive(5)
    // A partner may be of another region where none of the same is there: its box would not fit.
    let mayPaste = pasteRatio > 0 && shown[1] != first && shown[1].tile.index == first.tile.index
    return Pair(
      places: shown, qualities: qualities,
      gammas: shown.map { _ in variesContrast ? Gamma(random: &contrast) : .unchanged },
      orientation: orientation, warps: warps(&extra),
      dropout: shown.indices.map { random.derive(UInt64($0 < 2 ? $0 + 1 : $0 + 2)) },
      paste: mayPaste && extra.uniform() < pasteRatio ? PasteBox(random: &extra) : nil)
  }

  private func warps(_ random: inout Random) -> [Warp] {
    switch companion {
    case .sameRegion, .another, .unlabelled: [.none, .none]
    case .unlabelledTwice(.flip):
      [.none, .flip(axis: random.int(below: 4) - 1), .flip(axis: random.int(below: 4) - 1)]
    case .unlabelledTwice(.elastic): [.none, .none, .elastic(random.derive(0))]
    }
  }

  private func partner(of first: PatchPlace, random: inout Random) -> PatchPlace {
    let same = random.uniform() < sameRatio
    let others = (sameRegion[first.tile.index] ?? []).filter { $0.caseID != first.caseID }
    return same || others.isEmpty ? first : others[random.int(below: others.count)]
  }

  private func another(than first: PatchPlace, random: inout Random) -> PatchPlace {
    let near = (sameRegion[first.tile.index] ?? []).filter { $0.caseID != first.caseID }
    if !near.isEmpty { return near[random.int(below: near.count)] }
    let drawn = partners[random.int(below: partners.count)]
    return drawn != first ? drawn : partners[random.int(below: partners.count)]
  }
}
