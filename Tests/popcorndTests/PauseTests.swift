import Configuration
import Contract
import Testing

@testable import popcornd

@Suite struct PauseTests {
  /// How long until everything is listed again.
  @Test(arguments: WatchMode.allCases) func networkMountsArePolledUnlessEventsAreTrusted(mode: WatchMode) {
    var settings = Settings()
    settings.inbox.watch = mode
    let (poll, rescan) = (settings.inbox.poll, settings.inbox.rescan)
    #expect(poll < rescan)
    for liesRemote in [false, true] {
      #expect(Intake.pause(settings, hasEvents: false, liesRemote: liesRemote) == poll)
    }
    #expect(Intake.pause(settings, hasEvents: true, liesRemote: false) == rescan)
    #expect(Intake.pause(settings, hasEvents: true, liesRemote: true) == (mode == .inotify ? rescan : poll))
  }
}
