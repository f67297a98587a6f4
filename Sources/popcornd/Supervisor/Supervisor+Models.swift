import Contract
import Ledger

// Weights that are not what was published.
extension Supervisor {
  /// The worker could not use the weights of a generation. Where they are damaged, the newest generation before it that
  /// is whole takes its place; where there is none, nothing is drafted or trained until the state is restored.
  func replaceDamaged(_ number: Int) async {
    do {
      guard let current = try ledger.currentGeneration(), current.number == number else { return }
      // Read again: what the worker met may have been a fault of reading.
      if await keeper.isWhole(current) { return }
      let facts: [JournalField: String] = [
        .generation: String(number), .modelDigest: current.model.description,
        .reason: ReasonCode.modelDamaged.rawValue,
      ]
      for earlier in try ledger.generations().reversed() where earlier.number < number && earlier.retired == nil {
        guard await keeper.isWhole(earlier) else { continue }
        try ledger.setCurrentGeneration(earlier.number, by: own)
        troubles["model"] =
          "generation \(number) is damaged and generation \(earlier.number) is used: check the disk, restore the state"
        journal.say(
          .modelDamaged, "Generation \(number) is damaged: generation \(earlier.number) is used in its place", facts)
        return try welcomeGeneration()
      }
      troubles["model"] = "generation \(number) is damaged and there is none before it: restore the state"
      journal.say(
        .modelDamaged, "Generation \(number) is damaged and there is none before it: restore the state", facts)
      tell(.modelLost)
    } catch {
      report(error, in: "a damaged model")
    }
  }
}
