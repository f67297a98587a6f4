/// Everything the service says to the journal: one kind an event, told apart by its MESSAGE_ID for good.
public enum MessageKind: String, Sendable, CaseIterable {
  /// The service has started.
  case serviceStarted = "service.started"
  /// The service is stopping.
  case serviceStopping = "service.stopping"
  /// The configuration was read again.
  case configurationReloaded = "configuration.reloaded"
  /// The configuration could not be read again.
  case configurationRefused = "configuration.refused"
  /// A scan was accepted.
  case caseAccepted = "case.accepted"
  /// A file was dropped again.
  case caseDuplicate = "case.duplicate"
  /// A draft mask was written.
  case caseDrafted = "case.drafted"
  /// A case was taken into the training set.
  case caseSelected = "case.selected"
  /// A scan of the pool could not be read in training.
  case caseLeftOut = "case.left-out"
  /// An expert mask was taken.
  case casePromoted = "case.promoted"
  /// An expert mask was revised.
  case caseRevised = "case.revised"
  /// A file needs a person.
  case caseHeld = "case.held"
  /// A held file was released.
  case caseReleased = "case.released"
  /// A file was rejected.
  case caseRejected = "case.rejected"
  /// A file was taken with a remark.
  case caseNormalised = "case.normalised"
  /// A file cannot be judged yet.
  case fileWaiting = "file.waiting"
  /// A file was taken away before it was read.
  case fileVanished = "file.vanished"
  /// Too few expert masks to begin.
  case expertsMissing = "experts.missing"
  /// A training cycle began.
  case cycleStarted = "cycle.started"
  /// A training cycle is done.
  case cycleFinished = "cycle.finished"
  /// Training was paused.
  case cyclePaused = "cycle.paused"
  /// Training goes on.
  case trainingProgress = "training.progress"
  /// Training went wrong and was taken back.
  case trainingRolledBack = "training.rolled-back"
  /// A training cycle failed.
  case trainingFailed = "training.failed"
  /// A new generation was published.
  case generationPublished = "generation.published"
  /// A generation was refused.
  case generationRefused = "generation.refused"
  /// Weights of earlier generations were given up, to make room.
  case generationRetired = "generation.retired"
  /// A stored generation is damaged.
  case modelDamaged = "model.damaged"
  /// An inbox is not there.
  case inboxGone = "inbox.gone"
  /// An inbox is there again.
  case inboxBack = "inbox.back"
  /// File events were lost.
  case eventsLost = "events.lost"
  /// The kernel's limit of watched folders is reached.
  case watchLimit = "watch.limit"
  /// The worker died.
  case workerFailed = "worker.failed"
  /// The worker is ready.
  case workerReady = "worker.ready"
  /// A disk is full.
  case diskFull = "disk.full"
  /// There is space again.
  case diskFree = "disk.free"
  /// The state is damaged.
  case stateDamaged = "state.damaged"
  /// Head of the audit chain.
  case auditHead = "audit.head"
  /// A mask in the outbox was changed.
  case outboxEdited = "outbox.edited"
  /// A mask in the outbox was removed.
  case outboxMissing = "outbox.missing"
  /// A command was carried out.
  case commandGiven = "command.given"
  /// A command was refused.
  case commandRefused = "command.refused"
  /// A remark.
  case note = "note"

  /// The event's name, the field POPCORN_EVENT.
  public var event: String { rawValue }

  /// MESSAGE_ID: 32 hexadecimal digits, made once with `systemd-id128 new` and frozen.
  public var messageID: String { entry.id }

  /// How urgent it is.
  public var priority: JournalPriority { entry.priority }

  /// A headline.
  public var subject: String { entry.subject }

  /// What a person should know and do, for `journalctl -x`; `@FIELD@` stands for the record's field.
  public var catalogText: String { entry.text }

  /// The fields that `catalogText` stands for with `@FIELD@`: a record without one of them would show its bare name.
  public var placeholders: [String] {
    catalogText.split(separator: "@", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  /// The fields that a record of this kind may have beside those that every record has.
  public var fields: [JournalField] { entry.fields }

  /// The fields that every record has.
  public static let commonFields: [JournalField] = [
    .message, .messageID, .priority, .identifier, .event, .instance,
  ]
}
