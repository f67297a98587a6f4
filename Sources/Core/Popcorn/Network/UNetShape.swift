import Engine

/// The network's proportions. The paper's is width 24: 7,070,738 parameters.
public struct UNetShape: Hashable, Sendable {
  /// Channels of the first convolution; a multiple of the 8 groups of the normalisation.
  public var width: Int
  /// Channels of a scan.
  public var channels: Int
  /// Classes told apart: background, lesion.
  public var classes: Int
  /// Rate of the dropout after each pooling, 0..<1.
  public var dropout: Float
  /// Whether a second decoder, without skips, paints the patch again: the strategy `attention` learns with it, and no
  /// file of weights keeps it.
  public var reconstructs = false

  /// The paper's network by default.
  public init(width: Int = 24, channels: Int = 1, classes: Int = 2, dropout: Float = 0.5) {
    self.width = width
    self.channels = channels
    self.classes = classes
    self.dropout = dropout
  }

  /// The proportions of a stored network. Throws `SafetensorsError.missing` where it is another network's file.
  public init(of file: Safetensors, dropout: Float = 0.5) throws {
    guard let first = file["encoder.0.conv1.weight"], first.shape.count == 5, first.shape[0] > 0 else {
      throw SafetensorsError.missing("encoder.0.conv1.weight")
    }
    guard let last = file["output.weight"], last.shape.count == 5, last.shape[0] > 0 else {
      throw SafetensorsError.missing("output.weight")
    }
    self.init(width: first.shape[0], channels: first.shape[1], classes: last.shape[0], dropout: dropout)
  }

  /// Length of a latent vector h: channels of the bottleneck.
  public var latent: Int { 16 * width }

  static let groups = 8
  static let epsilon = 1e-6
}

/// Voxels of a patch, each edge a multiple of 8: the network halves it three times.
public struct PatchSize: Hashable, Sendable {
  /// Along z.
  public var depth: Int
  /// Along y.
  public var height: Int
  /// Along x, the fastest axis.
  public var width: Int

  /// A box.
  public init(depth: Int, height: Int, width: Int) {
    self.depth = depth
    self.height = height
    self.width = width
  }

  /// A cube.
  public init(edge: Int) { self.init(depth: edge, height: edge, width: edge) }

  /// Voxels.
  public var count: Int { depth * height * width }

  func shape(channels: Int) throws -> Shape {
    guard depth > 0, height > 0, width > 0, depth % 8 == 0, height % 8 == 0, width % 8 == 0 else {
      throw EngineError.shape("a patch of \(depth)x\(height)x\(width): edges must be multiples of 8")
    }
    return Shape(channels: channels, depth: depth, height: height, width: width)
  }
}
