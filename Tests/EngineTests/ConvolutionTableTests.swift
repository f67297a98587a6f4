import Testing

@testable import Engine

extension EngineTests {
  @Suite struct ConvolutionTableTests {
    private let shape = ConvolutionShape(inputs: 48, outputs: 24, rectified: true)

    private func size(_ edge: Int) -> Shape { Shape(channels: 48, depth: edge, height: edge, width: edge) }

    @Test func isTheSameFromItsTextAndFromItsLine() {
      let table = ConvolutionTable().complete(for: [(shape, size(8)), (shape, size(32))])
      #expect(table.count == 6)
      #expect(ConvolutionTable(text: table.text) == table && ConvolutionTable(text: table.line) == table)
      #expect(ConvolutionTable(text: "") == ConvolutionTable())
      #expect(table.text.hasPrefix("forward 48 24 32x32x32 wideWinograd\nforward 48 24 8x8x8 winograd\n"))
    }

    @Test(arguments: [
      "forward 48 24 8x8x8 winograd6", "sideways 48 24 8x8x8 direct", "forward 48 24 8x8 direct",
      "forward 48 24 8x8x0 direct", "forward -1 24 8x8x8 direct", "forward 48 8x8x8 direct", "forward", "\u{0}",
      "forward 48 24 8x8x8x8 direct", "forward 99999999999999999999 24 8x8x8 direct",
    ]) func otherTextIsNoTable(_ text: String) {
      #expect(ConvolutionTable(text: text) == nil)
      #expect(ConvolutionTable(text: "forward 48 24 8x8x8 direct\n\(text)\n") == nil)
    }

    @Test func whatItSaysComesBeforeTheRule() throws {
      var table = ConvolutionTable()
      let key = ConvolutionTable.Key(.forward, shape, over: size(32))
      #expect(ConvolutionChoice.table(table).way(.forward, shape, over: size(32)) == .wideWinograd)
      table[key] = .direct
      #expect(ConvolutionChoice.table(table).way(.forward, shape, over: size(32)) == .direct)
      #expect(ConvolutionChoice.table(table).way(.weightGradient, shape, over: size(32)) == .wideWinograd)
      #expect(table.complete(for: [(shape, size(32))])[key] == .direct)
    }

    /// A table from elsewhere may name what cannot be: computed as it is written, and never a crash.
    @Test func anImpossibleWayIsComputedAsWritten() throws {
      var table = ConvolutionTable()
      for pass in ConvolutionPass.allCases { table[.init(pass, shape, over: size(3))] = .wideWinograd }
      let box = OperationTests.Box(depth: 3, height: 3, width: 3)
      let answers = try [ConvolutionChoice.table(table), .direct].map {
        try convolve(on: CPU(convolutions: $0), box, shape)
      }
      #expect(answers[0] == answers[1])
    }

    @Test func aConvolutionKeepsTheWayOfItsMaking() throws {
      let cpu = CPU(convolutions: .always(.winograd))
      let weight = try parameter(cpu, shape.weights, seed: 1)
      let convolution = try cpu.convolution(shape, weight: weight, bias: try parameter(cpu, 24, seed: 2))
      cpu.convolutions = .direct
      let later = try cpu.convolution(shape, weight: weight, bias: try parameter(cpu, 24, seed: 2))
      let x = try upload(cpu, size(8), seed: 3)
      let (first, second) = (
        download(cpu, try cpu.convolve(x, by: convolution)), download(cpu, try cpu.convolve(x, by: later))
      )
      #expect(first != second)
      try expectEqual([first], [second], within: 1e-5)
    }

    @Test(arguments: ConvolutionWay.allCases) func aTrialTakesTime(_ way: ConvolutionWay) throws {
      let trial = try ConvolutionTrial(way, shape, over: size(8))
      for pass in ConvolutionPass.allCases { #expect(try trial.seconds(of: pass) > 0) }
    }
  }
}
