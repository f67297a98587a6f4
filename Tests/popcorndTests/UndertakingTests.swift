import Testing

@testable import popcornd

@Suite struct UndertakingTests {
  @Test func nobodyWaitsLongerThanHeWants() async {
    let hung = Undertaking<Int> {
      try? await Task.sleep(for: .seconds(3600))
      return 1
    }
    let (quick, blocking) = (Undertaking<Int> { 2 }, Undertaking<Int>(blocking: { 3 }))
    let begun = ContinuousClock.now
    #expect(await quick.outcome(before: begun + .seconds(300)) == 2)
    #expect(await blocking.outcome(before: begun + .seconds(300)) == 3)
    #expect(await hung.outcome(before: .now + .milliseconds(200)) == nil)
    // Not the hour that the hung one takes; how long a busy machine takes for the rest is not asked.
    #expect(ContinuousClock.now - begun < .seconds(600))
    // Also of what was done long ago the outcome is known.
    #expect(await quick.outcome(before: begun) == 2)
  }
}
