import Testing

@testable import Engine

extension EngineTests {
  /// Winograd's convolution on every set of instructions that the machine has, against `Reference` in Double.
  @Suite struct WinogradTests {
    typealias Box = OperationTests.Box

    /// A layer over a box. Together they have every width of a panel, several blocks, blocks that end within a row of the
    /// micro-kernel, threads that share a block, inputs in several runs, and tiles that all touch the border.
    struct Layer: Sendable, CustomTestStringConvertible {
      var inputs: Int
      var outputs: Int
      var box: Box
      var testDescription: String { "\(inputs) to \(outputs) over \(box.testDescription)" }
      var shape: ConvolutionShape { ConvolutionShape(inputs: inputs, outputs: outputs, rectified: true) }
    }

    static let layers = [
      Layer(inputs: 8, outputs: 16, box: Box(depth: 2, height: 2, width: 2)),
      Layer(inputs: 16, outputs: 8, box: Box(depth: 16, height: 16, width: 16)),
      Layer(inputs: 24, outputs: 48, box: Box(depth: 4, height: 2, width: 6)),
      Layer(inputs: 40, outputs: 24, box: Box(depth: 6, height: 4, width: 18)),
      Layer(inputs: 56, outputs: 72, box: Box(depth: 2, height: 10, width: 16)),
      Layer(inputs: 32, outputs: 80, box: Box(depth: 8, height: 8, width: 8)),
      Layer(inputs: 272, outputs: 128, box: Box(depth: 4, height: 6, width: 6)),
      Layer(inputs: 8, outputs: 16, box: Box(depth: 2, height: 4, width: 4)),
      Layer(inputs: 40, outputs: 24, box: Box(depth: 6, height: 4, width: 20)),
      Layer(inputs: 56, outputs: 72, box: Box(depth: 2, height: 12, width: 16)),
      Layer(inputs: 272, outputs: 128, box: Box(depth: 4, height: 8, width: 4)),
    ]

    static let choices = [ConvolutionChoice.always(.winograd), .always(.wideWinograd)]

    static let sets = InstructionSet.allCases.filter { $0 <= .best }

    @Test(arguments: layers) func equalsTheSum(_ layer: Layer) throws {
      let truth = try convolve(on: Reference<Double>(), layer.box, layer.shape)
      for choice in Self.choices {
        for set in Self.sets {
          let values = try convolve(on: CPU(convolutions: choice, instructions: set), layer.box, layer.shape)
          let what = "\(choice), \(set)"
          try expectEqual([values[0], values[1], values[3]], [truth[0], truth[1], truth[3]], within: 1e-5, what)
          // The gradient of a weight is a sum over all voxels, in other terms.
          try expectEqual([values[2]], [truth[2]], within: 2e-5, what)
        }
      }
    }

    /// A tile's outputs are sums of its own, however tiles are dealt out; only sums over tiles depend on the team.
    @Test(arguments: layers, choices) func outputsDoNotDependOnTheTeam(_ layer: Layer, _ choice: ConvolutionChoice)
      throws
    {
      let before = CPU.threads
      defer { CPU.use(threads: before) }
      let answers = try [1, 2, 3].map { threads in
        CPU.use(threads: threads)
        return try convolve(on: CPU(convolutions: choice), layer.box, layer.shape)
      }
      for answer in answers.dropFirst() {
        #expect(answer[0] == answers[0][0] && answer[1] == answers[0][1])
        try expectEqual([answer[2], answer[3]], [answers[0][2], answers[0][3]], within: 1e-5)
      }
    }

    @Test(arguments: layers, choices) func isTheSameEachTime(_ layer: Layer, _ choice: ConvolutionChoice) throws {
      let cpu = CPU(convolutions: choice)
      let first = try convolve(on: cpu, layer.box, layer.shape)
      for _ in 0..<3 { #expect(try convolve(on: cpu, layer.box, layer.shape) == first) }
    }

    /// A norm before the convolution is taken while the input is read, forward and for the weights' gradient.
    @Test(arguments: layers) func aNormIsTakenOnTheWay(_ layer: Layer) throws {
      func run<D: Device>(on device: D) throws -> [[Double]] {
        let norm = Norm(
          groups: 8, epsilon: 1e-6, scale: try parameter(device, layer.inputs, seed: 5, scale: 1),
          shift: try parameter(device, layer.inputs, seed: 6))
        let weight = try parameter(device, layer.shape.weights, seed: 1, scale: 0.3)
        let bias = try parameter(device, layer.outputs, seed: 2)
        let convolution = try device.convolution(layer.shape, weight: weight, bias: bias)
        let x = try upload(device, layer.box.shape(layer.inputs), seed: 7, offset: 3)
        let (normal, _) = try device.normalize(x, by: norm)
        let y = try device.convolve(normal, by: convolution)
        let forward = download(device, y)
        let dy = try upload(device, layer.box.shape(layer.outputs), seed: 8)
        _ = try device.convolveBackward(dy, x: normal, y: y, by: convolution, wantsInput: false)
        return [forward, download(device, normal), device.gradient(of: weight).map { Double($0) }]
      }
      let truth = try run(on: Reference<Double>())
      for choice in ConvolutionWay.allCases.map(ConvolutionChoice.always) + [.fastest] {
        try expectEqual(try run(on: CPU(convolutions: choice)), truth, within: 2e-5, "\(choice)")
      }
    }

    @Test func weightsThatChangeAreTransformedAnew() throws {
      let layer = Self.layers[1]
      func run(_ choice: ConvolutionChoice) throws -> [[Double]] {
        let cpu = CPU(convolutions: choice)
        let weight = try parameter(cpu, layer.shape.weights, seed: 1)
        let bias = try parameter(cpu, layer.outputs, seed: 2)
        let convolution = try cpu.convolution(layer.shape, weight: weight, bias: bias)
        let x = try upload(cpu, layer.box.shape(layer.inputs), seed: 3)
        let first = download(cpu, try cpu.convolve(x, by: convolution))
        samples(layer.shape.weights, seed: 9).withUnsafeBufferPointer { cpu.set(weight, to: $0) }
        return [first, download(cpu, try cpu.convolve(x, by: convolution))]
      }
      try expectEqual(try run(.always(.winograd)), try run(.direct), within: 1e-5)
    }

    /// What training looks for when it diverges must not be hidden by a ReLU.
    @Test func whatIsNoNumberStaysNone() throws {
      let cpu = CPU(convolutions: .always(.winograd))
      let layer = Self.layers[1]
      let weight = try parameter(cpu, layer.shape.weights, seed: 1)
      let bias = try parameter(cpu, layer.outputs, seed: 2)
      let convolution = try cpu.convolution(layer.shape, weight: weight, bias: bias)
      var values = samples(layer.box.shape(layer.inputs).count, seed: 3)
      values[values.count / 2] = .nan
      let y = try cpu.convolve(try cpu.upload(values, as: layer.box.shape(layer.inputs)), by: convolution)
      #expect(download(cpu, y).contains { $0.isNaN })
    }

    @Test func oddEdgesAndChannelsAreNotForIt() {
      let shape = ConvolutionShape(inputs: 16, outputs: 8, rectified: true)
      func size(_ depth: Int, _ height: Int, _ width: Int) -> Shape {
        Shape(channels: 16, depth: depth, height: height, width: width)
      }
      #expect(Winograd.suits(.two, shape, size(4, 4, 4)) && Winograd.suits(.four, shape, size(2, 4, 8)))
      for odd in [size(3, 4, 4), size(4, 5, 4), size(4, 4, 1), size(0, 4, 4)] {
        #expect(!Winograd.suits(.two, shape, odd) && !Winograd.suits(.four, shape, odd))
      }
      #expect(!Winograd.suits(.four, shape, size(4, 6, 4)) && !Winograd.suits(.four, shape, size(4, 4, 2)))
      for (inputs, outputs) in [(12, 8), (16, 2), (1, 8)] {
        let shape = ConvolutionShape(inputs: inputs, outputs: outputs, rectified: true)
        #expect(!Winograd.suits(.two, shape, size(4, 4, 4)))
      }
    }
  }
}
