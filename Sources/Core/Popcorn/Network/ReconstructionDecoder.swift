import Engine

/// The second decoder of multi-task attention (Chen et al. 2019, arXiv 1907.12303), as the paper's authors ran it beside
/// their network: from the bottleneck up like the first one, but without skips, to a linear channel for each class.
struct ReconstructionDecoder<D: Device> {
  /// Its parameters' names begin so; they are of training alone.
  static var prefix: String { "reconstruction." }

  private let levels: [UNet<D>.Single]
  private let output: D.Convolution

  init(_ builder: UNetBuilder<D>, shape: UNetShape) throws {
    let w = shape.width
    levels = try [(16 * w, 8 * w), (8 * w, 4 * w), (4 * w, 4 * w)].enumerated().map { level, channels in
      let name = "\(Self.prefix)\(level)"
      return UNet<D>.Single(
        norm: try builder.norm("\(name).norm", channels.0),
        conv: try builder.conv("\(name).conv", channels))
    }
    output = try builder.conv("\(Self.prefix)output", (4 * w, shape.classes), rectified: false)
  }

  /// (classes, D, H, W) from the bottleneck of an eighth of the edges.
  func decode(_ bottleneck: Node<D>, on tape: Tape<D>) throws -> Node<D> {
    var x = bottleneck
    for level in levels {
      x = try tape.convolve(try tape.normalize(try tape.upsample(x, beside: nil), by: level.norm), by: level.conv)
    }
    return try tape.convolve(x, by: output)
  }
}
