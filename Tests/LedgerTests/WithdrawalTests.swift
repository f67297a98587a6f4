import Contract
import Files
import SystemPackage
import Testing

@testable import Ledger

/// Receipts that are taken back.
@Suite struct WithdrawalTests {
  @Test func onlyThoseForTheReasonGo() throws {
    let kept = try Scratch().keeping { try $0.folder("inbox") }
    let folder = kept.value
    let reasons: [ReasonCode?] = [nil, .noPermission, .pairAmbiguous, .noPermission]
    for (number, reason) in reasons.enumerated() {
      try Receipt(.held, reason: reason, explanation: "Number \(number).").write(for: "a.nii", in: folder)
    }
    #expect(try folder.names().count == 4)
    Receipt.withdraw(.held, because: .noPermission, for: "a.nii", from: folder)
    #expect(try folder.names() == ["a.nii.HELD.3.txt", "a.nii.HELD.txt"])
    // Those that went leave a gap in the numbers.
    Receipt.withdraw(.held, for: "a.nii", from: folder)
    #expect(try folder.names() == [])
  }
}
