import Contract
import Testing

@Suite struct CaseStateTests {
  @Test func everyStateCanBeReachedFromAnArrival() {
    var reached: Set<CaseState> = [.accepted, .waiting]
    var frontier = reached
    while !frontier.isEmpty {
      frontier = frontier.reduce(into: Set<CaseState>()) { $0.formUnion($1.successors) }.subtracting(reached)
      reached.formUnion(frontier)
    }
    #expect(reached == Set(CaseState.allCases))
  }

  @Test func withdrawnIsTheEndAndWithinReachOfAll() {
    #expect(CaseState.withdrawn.successors.isEmpty)
    for state in CaseState.allCases where state != .withdrawn { #expect(state.successors.contains(.withdrawn)) }
  }

  /// Promotion, whatever it was before.
  @Test func anExpertMaskPromotesFromEveryStateButWithdrawn() {
    for state in CaseState.allCases where state != .withdrawn { #expect(state.successors.contains(.expert)) }
  }

  /// A pseudo-label never replaces an expert's mask.
  @Test func expertIsNeverDemoted() {
    let after = CaseState.expert.successors
    #expect(after.isDisjoint(with: [.pseudo, .drafted, .accepted, .waiting, .rejected]))
  }

  @Test func aRefusedCycleCanBeTakenBack() { #expect(CaseState.pseudo.successors.contains(.drafted)) }

  @Test func poolAndTrainingSetAreApart() {
    for state in CaseState.allCases { #expect(!(state.isInPool && state.isInTrainingSet)) }
  }
}

@Suite struct ExitCodeTests {
  @Test func numbersAreDistinctAndSysexits() {
    #expect(Set(ExitCode.allCases.map(\.rawValue)).count == ExitCode.allCases.count)
    #expect(ExitCode.configuration.rawValue == 78)
    #expect(ExitCode.noPermission.rawValue == 77)
    #expect(ExitCode.notRunning.rawValue == 3)
  }
}
