/// Where a case stands. The name is the same in code, ledger, journal and folders.
public enum CaseState: String, Codable, Sendable, CaseIterable {
  /// Verified and copied; in the pool, without a mask yet.
  case accepted
  /// In the pool, with a mask by the current model.
  case drafted
  /// Selected in proximity order: its pseudo-label is in the training set.
  case pseudo
  /// An expert mask is in the training set.
  case expert
  /// Dropped among the labeled, waits for its mask.
  case waiting
  /// Waits for a person.
  case held
  /// Refused; the receipt says why.
  case rejected
  /// Taken out at the subject's wish.
  case withdrawn

  /// The states that may follow this one. A change that is not here cannot be written.
  public var successors: Set<CaseState> {
    switch self {
    case .accepted: [.drafted, .pseudo, .expert, .held, .rejected, .withdrawn]
    case .drafted: [.drafted, .pseudo, .expert, .held, .rejected, .withdrawn]
    case .pseudo: [.pseudo, .drafted, .expert, .held, .withdrawn]
    case .expert: [.expert, .held, .withdrawn]
    case .waiting: [.expert, .accepted, .held, .rejected, .withdrawn]
    case .held: [.accepted, .drafted, .expert, .waiting, .rejected, .withdrawn]
    case .rejected: [.accepted, .expert, .withdrawn]
    case .withdrawn: []
    }
  }

  /// Whether the case is part of the pool U: known, without a trusted mask.
  public var isInPool: Bool { self == .accepted || self == .drafted }

  /// Whether the case is part of the training set T.
  public var isInTrainingSet: Bool { self == .pseudo || self == .expert }
}
