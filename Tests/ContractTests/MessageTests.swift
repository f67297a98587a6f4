import Contract
import Testing

@Suite struct MessageTests {
  @Test func identifiersAreUniqueAndWellFormed() {
    let identifiers = MessageKind.allCases.map(\.messageID)
    #expect(Set(identifiers).count == MessageKind.allCases.count)
    for identifier in identifiers {
      #expect(identifier.count == 32)
      #expect(identifier.allSatisfy { "0123456789abcdef".contains($0) })
      // RFC 4122 version 4, as systemd-id128 makes them.
      #expect(Array(identifier)[12] == "4")
      #expect("89ab".contains(Array(identifier)[16]))
    }
  }

  @Test func headlinesAreUnique() {
    let subjects = MessageKind.allCases.map(\.subject)
    #expect(Set(subjects).count == subjects.count)
  }

  /// A `@FIELD@` that a record has not would be printed as it stands.
  @Test(arguments: MessageKind.allCases) func textNamesOnlyItsFields(_ kind: MessageKind) {
    let known = Set((kind.fields + MessageKind.commonFields).map(\.rawValue))
    #expect(Set(kind.placeholders).isSubset(of: known))
    #expect(kind.catalogText.count { $0 == "@" } % 2 == 0)
    #expect(Set(kind.fields).count == kind.fields.count)
    #expect(kind.catalogText.hasSuffix("."))
  }

  /// systemd.journal-fields(7): upper case, digits, underscores, at most 64, no leading underscore.
  @Test(arguments: JournalField.allCases) func fieldNameIsTheJournals(_ field: JournalField) {
    #expect(field.rawValue.count <= 64)
    #expect(field.rawValue.first.map { ("A"..."Z").contains($0) } == true)
    #expect(field.rawValue.allSatisfy { ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" })
  }

  @Test func prioritiesAreIntakes() {
    #expect(MessageKind.caseAccepted.priority == .info)
    #expect(MessageKind.cycleStarted.priority == .notice)
    #expect(MessageKind.caseHeld.priority == .warning)
    #expect(MessageKind.caseRejected.priority == .error)
    #expect(MessageKind.generationRefused.priority == .error)
    #expect(MessageKind.stateDamaged.priority == .critical)
    #expect(JournalPriority.critical > .info)
  }
}
