import Contract
import Glibc
import Testing

@testable import popcornd

@Suite struct RightsTests {
  private static let looking: [ControlRequest] = [.status, .queue]
  private static let changing: [ControlRequest] = [
    .trainNow, .trainPause, .trainResume, .reload, .retry(id: "a"), .hold(id: "a"), .release(id: "a"),
  ]
  private let rights = Rights(viewers: 5001, administrators: 5002)

  private func peer(_ groups: [gid_t]) -> Peer { Peer(user: 4_000_000, groups: groups) }

  @Test func viewersLookAndAdministratorsDoBoth() {
    for request in Self.looking {
      #expect(rights.allow(request, to: peer([7, 5001])))
      #expect(rights.allow(request, to: peer([5002])))
      #expect(!rights.allow(request, to: peer([7])))
    }
    for request in Self.changing {
      #expect(rights.allow(request, to: peer([5002, 7])))
      #expect(!rights.allow(request, to: peer([5001])))
      #expect(!rights.allow(request, to: peer([])))
    }
  }

  /// One person in the foreground needs none of the groups, and where there are none nobody else is let in.
  @Test func rootAndTheServiceItselfMayEverything() {
    let lonely = Rights()
    for request in Self.looking + Self.changing {
      for user in [0, geteuid()] { #expect(lonely.allow(request, to: Peer(user: user, groups: []))) }
      #expect(!lonely.allow(request, to: peer([0, 5001, 5002])))
    }
  }

  @Test func whatIsSaidNamesTheGroup() {
    for request in Self.looking { #expect(Rights.words(against: request).contains("popcornd-view")) }
    for request in Self.changing { #expect(!Rights.words(against: request).contains("popcornd-view")) }
    for request in Self.looking + Self.changing { #expect(Rights.words(against: request).contains("popcornd-admin")) }
  }

  /// A flood of refusals is a record a minute.
  @Test func refusalsAreRecordedOnceAMinute() {
    var refusals = Refusals()
    var recorded: [Refusal] = []
    for second in 0..<150 {
      if let refusal = refusals.take("train now", by: 7, at: Double(second)) { recorded.append(refusal) }
    }
    #expect(recorded.map(\.times) == [1, 60, 60])
    #expect(refusals.take("queue", by: 7, at: 150) == Refusal(verb: "queue", user: 7, times: 1))
    #expect(refusals.take("train now", by: 8, at: 150) == Refusal(verb: "train now", user: 8, times: 1))
    let many = (0..<10_000).compactMap { refusals.take("queue", by: UInt32(1000 + $0), at: 151) }
    #expect(many.count < 300)
    #expect(refusals.take("queue", by: 9, at: 500) != nil)
  }

  @Test func groupsAreThoseOfTheUserDatabase() throws {
    let entry = try #require(getpwuid(0))
    #expect(Groups.all(of: 0).contains(entry.pointee.pw_gid))
    #expect(Groups.all(of: 3_999_999_999) == [])
    let group = try #require(getgrgid(0))
    #expect(Groups.number(of: String(cString: group.pointee.gr_name)) == 0)
    #expect(Groups.number(of: "popcornd-of-no-machine") == nil)
    #expect(!Administrators.include(3_999_999_999))
  }
}
