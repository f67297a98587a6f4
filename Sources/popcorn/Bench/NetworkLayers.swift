import Engine
import Popcorn

/// The network's convolutions over one patch: what its time goes into.
struct NetworkLayers {
  struct Layer {
    var name: String
    var shape: ConvolutionShape
    /// Of its input.
    var size: Shape
    /// Whether a latent needs it.
    var isEncoder: Bool

    /// Multiplications and additions of the sum as it is written, of one pass.
    var operations: Double { 2 * Double(shape.weights) * Double(size.voxels) }
  }

  let width: Int
  let edge: Int
  let layers: [Layer]
  let parameters: Int

  /// Those of a network of the paper's form, in the order of its parameters.
  init(width: Int, edge: Int) throws {
    let network = try UNet(on: Null(), shape: UNetShape(width: width), seed: 1)
    self.width = width
    self.edge = edge
    parameters = network.parameters.count
    layers = network.parameters.entries.filter { $0.shape.count == 5 }.map { entry in
      let level = Self.level(of: entry.name)
      let shape = ConvolutionShape(
        inputs: entry.shape[1], outputs: entry.shape[0], rectified: !entry.name.hasPrefix("output"))
      let edge = edge >> level
      return Layer(
        name: entry.name.replacing(".weight", with: ""), shape: shape,
        size: Shape(channels: shape.inputs, depth: edge, height: edge, width: edge),
        isEncoder: entry.name.hasPrefix("encoder") || entry.name.hasPrefix("bottleneck"))
    }
  }

  /// How often the level's edge was halved.
  private static func level(of name: String) -> Int {
    let parts = name.split(separator: ".")
    switch parts.first {
    case "bottleneck": return 3
    case "output": return 0
    default: return parts.dropFirst().first.flatMap { Int($0) } ?? 0
    }
  }

  /// What a forward pass over one patch takes: probabilities, or a latent alone.
  func forward(latentAlone: Bool = false) -> Work {
    let used = latentAlone ? layers.filter(\.isEncoder) : layers
    let tensors = used.reduce(0) { $0 + ($1.shape.inputs + $1.shape.outputs) * $1.size.voxels }
    return Work(
      operations: used.reduce(0) { $0 + $1.operations },
      bytes: 4 * Double(tensors + used.reduce(0) { $0 + $1.shape.weights }))
  }

  /// What an optimizer step on a pair takes: forward and both gradients of two patches (that of the scan itself is not
  /// wanted), and Adam, which reads four values a parameter and writes three.
  var step: Work {
    let scan = layers.first?.operations ?? 0
    let forward = forward()
    return Work(
      operations: 2 * (3 * forward.operations - scan) + 12 * Double(parameters),
      bytes: 2 * 3 * forward.bytes + 4 * 7 * Double(parameters))
  }
}

/// What a measured piece of work asks of a machine at least.
struct Work {
  /// Floating-point operations, those of sums as they are written.
  var operations = 0.0
  /// Bytes read and written if nothing stayed in a cache between two operations.
  var bytes = 0.0

  static func * (times: Int, work: Work) -> Work {
    Work(operations: Double(times) * work.operations, bytes: Double(times) * work.bytes)
  }
}
