import Engine

/// The U-Net of the paper's figure 1 (that of DeepLesionBrain, Kamraoui et al. 2022): three levels down, a bottleneck,
/// three up; group normalisation before each convolution but the first and the last, ReLU after each but the last,
/// dropout after pooling, half-pixel trilinear upsampling, [upsampled, skip], softmax.
///
/// Parameter names and shapes are those of the PyTorch network that computes the same. One sample at a time.
public final class UNet<D: Device> {
  /// What runs it.
  public let device: D
  /// Its proportions.
  public let shape: UNetShape
  /// Its parameters and their gradients; call `parametersChanged` after writing to the values.
  public let parameters: ParameterBlock

  private let encoder: [Level]
  private let bottleneck: Single
  private let decoder: [Single]
  private let output: D.Convolution
  private let reconstruction: ReconstructionDecoder<D>?
  private let slots: [Slot]
  private let reconstructionSlots: [Slot]

  private typealias Slot = (parameter: D.Parameter, range: Range<Int>)

  /// An encoder level: [norm1] conv1 relu, norm2 conv2 relu.
  struct Level {
    var norm1: Norm<D.Parameter>?
    var conv1: D.Convolution
    var norm2: Norm<D.Parameter>
    var conv2: D.Convolution
  }

  /// The bottleneck or a decoder level: norm conv relu.
  struct Single {
    var norm: Norm<D.Parameter>
    var conv: D.Convolution
  }

  /// A network with PyTorch's initial distribution (weights and biases uniform in ±1/√fan-in, norms 1 and 0), drawn from
  /// `seed`. Throws `EngineError.shape` where the width is no multiple of 8.
  public init(on device: D, shape: UNetShape, seed: UInt64) throws {
    guard shape.width > 0, shape.width % UNetShape.groups == 0, shape.channels > 0, shape.classes > 1 else {
      throw EngineError.shape("a U-Net of width \(shape.width): it must be a multiple of 8")
    }
    let builder = UNetBuilder(on: device)
    encoder = try shape.encoder.enumerated().map { level, channels in
      let name = "encoder.\(level)"
      return Level(
        norm1: level == 0 ? nil : try builder.norm("\(name).norm1", channels.first.inputs),
        conv1: try builder.conv("\(name).conv1", channels.first),
        norm2: try builder.norm("\(name).norm2", channels.second.inputs),
        conv2: try builder.conv("\(name).conv2", channels.second))
    }
    func single(_ name: String, _ channels: UNetShape.Channels) throws -> Single {
      Single(
        norm: try builder.norm("\(name).norm", channels.inputs), conv: try builder.conv("\(name).conv", channels))
    }
    bottleneck = try single("bottleneck", shape.bottleneck)
    decoder = try shape.decoder.enumerated().map { try single("decoder.\($0)", $1) }
    output = try builder.conv("output", shape.output, rectified: false)
    let lasting = builder.parameters.count
    reconstruction = shape.reconstructs ? try ReconstructionDecoder(builder, shape: shape) : nil

    self.device = device
    self.shape = shape
    parameters = ParameterBlock(builder.parameters.map { ($0.name, $0.shape) })
    let all: [Slot] = zip(builder.parameters, parameters.entries).map { ($0.parameter, $1.range) }
    slots = Array(all.prefix(lasting))
    reconstructionSlots = Array(all.dropFirst(lasting))
    builder.initialize(parameters, seed: seed)
    parametersChanged()
  }

  /// A stored network: proportions, names and values from the file. Throws `SafetensorsError` or `EngineError`.
  public convenience init(on device: D, file: Safetensors, dropout: Float = 0.5) throws {
    try self.init(on: device, shape: try UNetShape(of: file, dropout: dropout), seed: 0)
    try parameters.load(file)
    parametersChanged()
  }

  /// To be called when the parameters' values were written to: hands them to the device.
  public func parametersChanged() {
    for (parameter, range) in slots + reconstructionSlots {
      device.set(parameter, to: UnsafeBufferPointer(rebasing: parameters.valueBuffer[range]))
    }
  }

  /// Probabilities and latent of a patch, and what `backward` needs. Several passes may be alive.
  /// - Parameters:
  ///   - patch: intensities, (channels, D, H, W) = (channel, z, y, x), x fastest.
  ///   - size: edges, each a multiple of 8.
  ///   - dropout: what decides the dropped elements; nil is evaluation mode.
  ///   - reconstructs: whether the patch is painted again, where the network can.
  /// Throws `EngineError` for a patch of another size, and where memory is short; so do `infer` and `embed`.
  public func forward(
    _ patch: [Float], size: PatchSize, dropout: Random?, reconstructs: Bool = false
  ) throws -> Pass<D> {
    let tape = Tape(on: device, records: true)
    let down = try encode(try input(patch, size), on: tape, dropout: dropout)
    let latent = try tape.channelMean(down.bottleneck)
    let painted = reconstructs ? try reconstruction?.decode(down.bottleneck, on: tape) : nil
    return Pass(tape: tape, output: try decode(down, on: tape), latent: latent, reconstruction: painted)
  }

  /// Lesion probability (D, H, W) and latent (16 width) of a patch, in evaluation mode, or under a draw of dropout; keeps
  /// nothing.
  public func infer(
    _ patch: [Float], size: PatchSize, dropout: Random? = nil
  ) throws -> (lesion: [Float], latent: [Float]) {
    let tape = Tape(on: device, records: false)
    let down = try encode(try input(patch, size), on: tape, dropout: dropout)
    let latent: [Float] = converted(device.download(try tape.channelMean(down.bottleneck).value))
    let probabilities = device.download(try decode(down, on: tape).value)
    return (converted(Array(probabilities[size.count..<2 * size.count])), latent)
  }

  /// Latent (16 width) of a patch, in evaluation mode: the encoder only, an eighth of the work of `infer`.
  public func embed(_ patch: [Float], size: PatchSize) throws -> [Float] {
    let tape = Tape(on: device, records: false)
    let down = try encode(try input(patch, size), on: tape, dropout: nil)
    return converted(device.download(try tape.channelMean(down.bottleneck).value))
  }

  /// Adds the gradients of a pass to `parameters`' gradients. The pass is spent: a second call adds nothing.
  /// - Parameters:
  ///   - probabilityGradient: of the loss by `pass.probabilities`, same order.
  ///   - latentGradient: of the loss by `pass.latent`; nil where it does not depend on it.
  ///   - reconstructionGradient: of the loss by `pass.reconstruction`; only where there is one.
  public func backward(
    _ pass: Pass<D>, probabilityGradient: [Float], latentGradient: [Float]?, reconstructionGradient: [Float]? = nil
  ) throws {
    try backward(
      pass, exactProbabilityGradient: converted(probabilityGradient),
      exactLatentGradient: latentGradient.map { converted($0) },
      exactReconstructionGradient: reconstructionGradient.map { converted($0) })
  }

  /// The same in the device's own precision.
  public func backward(
    _ pass: Pass<D>, exactProbabilityGradient: [D.Scalar], exactLatentGradient: [D.Scalar]?,
    exactReconstructionGradient: [D.Scalar]? = nil
  ) throws {
    guard !pass.isSpent else { return }
    pass.isSpent = true
    let probabilities = device.shape(of: pass.output.value)
    try pass.output.receive(try device.upload(exactProbabilityGradient, as: probabilities), on: device)
    if let exactLatentGradient {
      let latent = device.shape(of: pass.latentNode.value)
      try pass.latentNode.receive(try device.upload(exactLatentGradient, as: latent), on: device)
    }
    var written = slots
    if let node = pass.reconstructionNode, let exactReconstructionGradient {
      try node.receive(
        try device.upload(exactReconstructionGradient, as: device.shape(of: node.value)), on: device)
      written += reconstructionSlots
    }
    try pass.tape.unwind()
    for (parameter, range) in written {
      device.addGradient(
        of: parameter, to: UnsafeMutableBufferPointer(rebasing: parameters.gradientBuffer[range]))
    }
  }

  /// What the last `backward` gave a parameter, in the device's own precision; nil when there is none of that name.
  public func lastGradient(of name: String) -> [D.Scalar]? {
    let all = slots + reconstructionSlots
    guard let range = parameters.view(name), let slot = all.first(where: { $0.range == range }) else { return nil }
    return device.gradient(of: slot.parameter)
  }

  private func input(_ patch: [Float], _ size: PatchSize) throws -> Node<D> {
    Node(try device.upload(converted(patch), as: try size.shape(channels: shape.channels)), wantsGradient: false)
  }

  private struct Down {
    var skips: [Node<D>]
    var bottleneck: Node<D>
  }

  private func encode(_ patch: Node<D>, on tape: Tape<D>, dropout: Random?) throws -> Down {
    var dropout = dropout
    var skips: [Node<D>] = []
    var x = patch
    for level in encoder {
      if let norm = level.norm1 { x = try tape.normalize(x, by: norm) }
      x = try tape.convolve(x, by: level.conv1)
      x = try tape.normalize(x, by: level.norm2)
      x = try tape.convolve(x, by: level.conv2)
      skips.append(x)
      x = try tape.pool(x)
      if var random = dropout, shape.dropout > 0 {
        x = try tape.drop(x, rate: shape.dropout, key: DropoutKey(from: &random))
        dropout = random
      }
    }
    x = try tape.convolve(try tape.normalize(x, by: bottleneck.norm), by: bottleneck.conv)
    return Down(skips: skips, bottleneck: x)
  }

  private func decode(_ down: Down, on tape: Tape<D>) throws -> Node<D> {
    var x = down.bottleneck
    for (level, skip) in zip(decoder, down.skips).reversed() {
      x = try tape.upsample(x, beside: skip)
      x = try tape.convolve(try tape.normalize(x, by: level.norm), by: level.conv)
    }
    return try tape.softmax(try tape.convolve(x, by: output))
  }
}
