import ArgumentParser
import Engine
import Files
import Imaging
import Popcorn
import SystemPackage

/// `popcorn parity`: what the engine computes, tensor by tensor, for comparison with another implementation. Files are
/// safetensors. A pair holds x.i, x.j and y.i, y.j, each (1, D, H, W), masks 0 or 1.
struct ParityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parity", abstract: "Compute losses, gradients and probabilities for comparison with PyTorch.",
    subcommands: [Step.self, AdamSteps.self, Window.self])

  /// What computes.
  enum Engine: String, ExpressibleByArgument, CaseIterable {
    case cpu
    case direct
    case reference
    case double
  }

  struct Terms: ParsableArguments {
    @Option(help: "Weight of the consistency loss, α of equation (5).")
    var alpha = 0.2
    @Option(help: "τ of equation (3), voxels.")
    var tau = 350.0
    @Option(help: "What equation (1) adds above: 0 or 1.")
    var top = 0.0
    @Option(help: "cpu, direct (its convolutions as they are written), reference (plain Swift) or double (so precise).")
    var device = Engine.cpu
  }

  struct Step: RunsOnDevice {
    static let configuration = CommandConfiguration(
      commandName: "step", abstract: "One pair forward and back: grad.NAME, loss.*, p.i, p.j, h.i, h.j.")
    @Argument var model: String
    @Argument var pair: String
    @Argument var output: String
    @OptionGroup var terms: Terms
    @Flag(help: "Also what each convolution gave, ReLU done, in the order of computation: conv.i.N, conv.j.N, flat.")
    var activations = false

    func run<D: Device>(on device: D) throws {
      let network = try UNet(on: device, file: try read(model))
      let pair = try ParityPair(try read(pair))
      let step = try pair.step(network, terms, activations: activations)
      try write(step.entries(network, pair.size), to: output)
    }
  }

  struct AdamSteps: RunsOnDevice {
    static let configuration = CommandConfiguration(
      commandName: "adam", abstract: "Steps of Adam on one pair: the loss before each, and the last parameters.")
    @Argument var model: String
    @Argument var pair: String
    @Argument var output: String
    @OptionGroup var terms: Terms
    @Option(help: "Steps to take.")
    var steps = 10
    @Option(help: "Adam's rate.")
    var rate: Float = 1e-4

    func run<D: Device>(on device: D) throws {
      let network = try UNet(on: device, file: try read(model))
      let pair = try ParityPair(try read(pair))
      var adam = Adam(count: network.parameters.count)
      var curve: [Double] = []
      for _ in 0..<steps {
        network.parameters.clearGradients()
        curve.append(try pair.step(network, terms).total)
        adam.step(network.parameters, rate: rate)
        network.parametersChanged()
      }
      let values = network.parameters.values
      let parameters = network.parameters.entries.map {
        Safetensors.Entry(name: $0.name, shape: $0.shape, values: .float32(Array(values[$0.range])))
      }
      try write([.init(name: "loss", shape: [steps], values: .float64(curve))] + parameters, to: output)
    }
  }

  struct Window: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "window",
      abstract: "`volume` (D, H, W) to `probability`: the plain mean of overlapping windows, padded with zeros.")
    @Argument var model: String
    @Argument var volume: String
    @Argument var output: String
    @Option(help: "Edge of a window, voxels.")
    var patch = 64
    @Option(help: "Voxels from a window to the next.")
    var stride = 32

    func run() throws {
      let network = try UNet(on: CPU(), file: try read(model))
      guard let entry = try read(volume)["volume"], entry.shape.count == 3 else {
        throw SafetensorsError.missing("volume")
      }
      let size = GridSize(entry.shape[2], entry.shape[1], entry.shape[0])
      let probability = try rawWindow(
        network, over: Volume(size: size, values: entry.values.floats), edge: patch, stride: stride)
      try write(
        [.init(name: "probability", shape: entry.shape, values: .float32(probability.values))], to: output)
    }
  }
}

/// A verb that computes the same on any device.
protocol RunsOnDevice: ParsableCommand {
  var terms: ParityCommand.Terms { get }
  func run<D: Device>(on device: D) throws
}

extension RunsOnDevice {
  func run() throws {
    switch terms.device {
    case .cpu: try run(on: CPU())
    case .direct: try run(on: CPU(convolutions: .direct))
    case .reference: try run(on: Reference<Float>())
    case .double: try run(on: Reference<Double>())
    }
  }
}

private func read(_ path: String) throws -> Safetensors {
  try Safetensors.decode(try BoundedReader.read(FilePath(path)))
}

private func write(_ entries: [Safetensors.Entry], to path: String) throws {
  let path = FilePath(path)
  guard let name = path.lastComponent else { throw ValidationError("\(path) names no file.") }
  let folder = path.removingLastComponent()
  try DurableFile.write(
    Safetensors(entries).encode(), as: FilePath(root: nil, [name]), in: try Directory(folder.isEmpty ? "." : folder))
}
