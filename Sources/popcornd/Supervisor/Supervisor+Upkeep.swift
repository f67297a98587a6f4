import Contract
import Files
import Ledger
import SystemPackage

/// What is being cleared away. First the ledger gives something up, then its files go, a few at a time; a crash in
/// between leaves files that the next start removes.
enum Upkeep: Sendable {
  /// Nothing.
  case none
  /// Masks in the outbox of generations that are not kept: the courier is on its way.
  case sent
  /// What only those masks needed is to be given up.
  case retiring
  /// Files of the store that nothing refers to.
  case discards
  /// Folders of cycles that are over.
  case folders
}

/// Whether clearing away is to begin once more. It does not while it goes on: the courier's answer would be taken for
/// that to another errand.
enum UpkeepDue: Sendable {
  case no
  /// Masks have been replaced, or a file is of no case: when no draft is to be made.
  case whenQuiet
  /// A cycle is over, or the configuration another.
  case now
}

extension Supervisor {
  /// Files removed in one go: the supervisor answers in between. Of all of them together it is asked whether something refers
  /// to them.
  private static let few = 32

  /// Whether there is something to clear away now.
  var isClearing: Bool {
    switch upkeep {
    case .none: upkeepDue == .now || upkeepDue == .whenQuiet && !scheduler.isDrafting
    case .sent, .folders: false
    case .retiring, .discards: true
    }
  }

  /// Something is no longer needed: masks have been replaced, or a file that was read is of no case.
  func clearWhenQuiet() { if upkeepDue == .no { upkeepDue = .whenQuiet } }

  /// Clears away a little of what is no longer needed.
  func clearAway() {
    guard isClearing, adopting == 0, !isDraining else { return }
    do {
      switch upkeep {
      case .none:
        upkeepDue = .no
        upkeep = .sent
        load.removesOutdated = true
        carry()
      case .retiring:
        try retire()
        upkeep = .discards
      case .discards:
        try ledger.removeDiscards(from: store, limit: Supervisor.few)
        if try !ledger.hasDiscards() { try clearFolders() }
      case .sent, .folders: break
      }
    } catch {
      // What is left is tried again after the next cycle, or at the next start.
      upkeep = .none
      report(error, in: "clearing away")
    }
  }

  /// What the courier says of the masks that it was to remove. One that cannot be removed keeps what it is of, and no more.
  func outdatedRemoved(_ isDone: Bool, stuck: Int) {
    upkeep = isDone ? .retiring : .none
    troubles["outdated"] =
      stuck == 0
      ? nil : "\(stuck) files of earlier generations cannot be removed from the outbox: look at what lies there"
  }

  private func retire() throws {
    let busy = requests.values.compactMap { request -> Int? in
      switch request {
      case .draft(_, let generation, _), .order(let generation): generation
      case .train, .pause: nil
      }
    }
    let given = try ledger.retire(keeping: settings.output.keepGenerations, busy: Set(busy), by: own)
    guard !given.isEmpty else { return }
    FaultPoint.retire.pass()
    if given.masks > 0 {
      journal.say(.note, "\(given.masks) masks that newer ones have replaced are no longer kept")
    }
    guard let last = given.generations.last else { return }
    let list = given.generations.map { String($0) }.joined(separator: ", ")
    journal.say(
      .generationRetired, "The weights of generation \(list) are no longer kept", [.generation: String(last)])
    publishModels()
  }

  private func clearFolders() throws {
    upkeep = .folders
    let over = Set(try ledger.cycles().filter { $0.state != .running }.map(\.number))
    let kept = Set(try ledger.generations().filter { $0.retired == nil }.map(\.cycle))
    let train = try state.directory.directory(FilePath(StateLayout.train))
    let folders = try train.names().compactMap { name -> CycleFolder? in
      guard let cycle = CycleFolder.cycle(of: name), over.contains(cycle) else { return nil }
      return CycleFolder(train: train, name: name, isKept: kept.contains(cycle))
    }
    Task {
      let faults = await keeper.clear(folders)
      foldersCleared(faults)
    }
  }

  private func foldersCleared(_ faults: [FileFault]) {
    upkeep = .none
    if let fault = faults.first { report(fault, in: "clearing the folder of a cycle") }
    beat()
  }
}
