/// Fields of a journal record. The raw value is the field's name, as `journalctl -F` lists it.
public enum JournalField: String, Sendable, CaseIterable {
  /// The sentence that a person reads.
  case message = "MESSAGE"
  /// The kind of the event, 32 hexadecimal digits.
  case messageID = "MESSAGE_ID"
  /// 0…7 as in syslog.
  case priority = "PRIORITY"
  /// `popcornd`.
  case identifier = "SYSLOG_IDENTIFIER"
  /// The system's error number.
  case errno = "ERRNO"
  /// Where to read on: `man:popcornd(8)`.
  case documentation = "DOCUMENTATION"
  /// The source file that speaks.
  case codeFile = "CODE_FILE"
  /// The line in it.
  case codeLine = "CODE_LINE"
  /// The function in it.
  case codeFunction = "CODE_FUNC"

  /// The event's name: `case.accepted`.
  case event = "POPCORN_EVENT"
  /// The case's label, such as `PSN7Q2M4K5TBA`.
  case caseLabel = "POPCORN_CASE"
  /// The study's name; `popcornd` for the default study.
  case instance = "POPCORN_INSTANCE"
  /// The case's state after the event.
  case state = "POPCORN_STATE"
  /// The case's state before it.
  case stateBefore = "POPCORN_STATE_OLD"
  /// A reason code.
  case reason = "POPCORN_REASON"
  /// Which inbox, by its place in the configuration, from 0.
  case inbox = "POPCORN_INBOX"
  /// SHA-256 of the file, keyed where it leaves the state directory.
  case digest = "POPCORN_SHA256"
  /// A generation's number.
  case generation = "POPCORN_GENERATION"
  /// SHA-256 of its weights.
  case modelDigest = "POPCORN_MODEL_SHA256"
  /// A cycle's number.
  case cycle = "POPCORN_CYCLE"
  /// A step's number in its cycle, from 1.
  case step = "POPCORN_STEP"
  /// A case's place in the order of its step, from 1.
  case rank = "POPCORN_RANK"
  /// The sum of equation 7.
  case proximity = "POPCORN_PROXIMITY"
  /// Lesion volume in ml.
  case volume = "POPCORN_VOLUME_ML"
  /// Number of lesions.
  case lesions = "POPCORN_LESIONS"
  /// A Dice coefficient, 0…1.
  case dice = "POPCORN_DICE"
  /// How long it took, microseconds.
  case duration = "POPCORN_USEC"
  /// Who asked for it.
  case actor = "POPCORN_ACTOR_UID"
  /// The number of the audit record.
  case auditSequence = "POPCORN_AUDIT_SEQ"
  /// The hash of the audit record.
  case auditHash = "POPCORN_AUDIT_HASH"
}

/// How urgent a message is, as in syslog.
public enum JournalPriority: Int, Sendable, CaseIterable, Comparable {
  /// State is damaged or the disk is full: the service cannot do its work.
  case critical = 2
  /// Something was refused or failed.
  case error = 3
  /// A person should look.
  case warning = 4
  /// The model or the configuration changed.
  case notice = 5
  /// The normal course.
  case info = 6
  /// For the curious.
  case debug = 7

  /// Whether `a` is less urgent than `b`.
  public static func < (a: JournalPriority, b: JournalPriority) -> Bool { a.rawValue > b.rawValue }
}
