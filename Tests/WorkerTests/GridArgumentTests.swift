import Testing

@testable import popcorn

@Suite struct GridArgumentTests {
  @Test(arguments: ["181,217,181", "181x217x181", "181x217,181"]) func commasAndCrossesAreRead(_ text: String) {
    #expect(GridArgument(argument: text)?.size == [181, 217, 181])
  }

  @Test(arguments: ["", "181", "1,2", "1,2,3,4", "1,,2,3", "1x2x", "a,b,c", "0,1,1", "1,2,1025", "-1,2,3", "1 ,2,3"])
  func whatIsNoGridIsRefused(_ text: String) {
    #expect(GridArgument(argument: text) == nil)
  }

  @Test(arguments: ["initial-epochs", "epochs", "select", "neighbours"]) func countsHaveTheirBounds(_ name: String) {
    func words(_ count: String) -> [String] { ["--data", "d", "--model", "m", "--\(name)", count] }
    #expect(throws: Never.self) { try TrainCommand.parse(words("1000000")) }
    for count in ["0", "1000001", "9223372036854775807"] {
      #expect(throws: (any Error).self, "\(count)") { try TrainCommand.parse(words(count)) }
    }
  }

  @Test func itIsReadBackAsItIsShown() {
    #expect(GridArgument(argument: GridArgument.paper.defaultValueDescription)?.size == GridArgument.paper.size)
  }
}
