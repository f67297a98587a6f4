import COneDNN

/// oneDNN's direct convolution: one primitive for one layer, size and pass, with the weights in the layout it likes.
final class Direct {
  private let plan: OpaquePointer
  private let memory: Memory
  private let scratch: Int
  private let packed: Memory.Block
  private var packedVersion = -1

  init(_ pass: ConvolutionPass, _ shape: ConvolutionShape, _ size: Shape, _ memory: Memory) throws {
    var wanted = onednn_shape(
      inputs: shape.inputs, outputs: shape.outputs, depth: size.depth, height: size.height, width: size.width,
      rectified: shape.rectified ? 1 : 0)
    let direction =
      switch pass {
      case .forward: onednn_forward
      case .inputGradient: onednn_backward_data
      case .weightGradient: onednn_backward_weights
      }
    var made: OpaquePointer?
    try check(onednn_plan_make(&made, direction, &wanted), "no \(pass) for \(shape) over \(size)")
    guard let made else { throw EngineError.library("no \(pass) for \(shape)") }
    do {
      packed = try memory.block(onednn_plan_weights(made) / 4)
    } catch {
      onednn_plan_free(made)
      throw error
    }
    plan = made
    self.memory = memory
    scratch = onednn_plan_scratch(made)
  }

  deinit { onednn_plan_free(plan) }

  /// What the library runs.
  var kernel: String { String(cString: onednn_plan_kernel(plan)) }

  private func pack(_ weight: CPU.Parameter) throws {
    guard packedVersion != weight.version else { return }
    try check(onednn_plan_pack(plan, weight.values.start, packed.start), "packing weights")
    packedVersion = weight.version
  }

  private func run(_ x: CPU.Tensor, _ bias: UnsafeMutablePointer<Float>?, _ y: CPU.Tensor) throws {
    let room = try memory.block((scratch + 3) / 4)
    try check(onednn_plan_run(plan, x.start, packed.start, bias, y.start, room.start), "convolution")
  }
}

extension Direct: ConvolutionForward, ConvolutionInputGradient, ConvolutionWeightGradient {
  var scales: Bool { false }

  func run(_ x: CPU.Tensor, _ convolution: CPU.Convolution, into y: CPU.Tensor) throws {
    try pack(convolution.weight)
    try run(x, convolution.bias.values.start, y)
  }

  func run(_ dy: CPU.Tensor, _ convolution: CPU.Convolution, gradient dx: CPU.Tensor) throws {
    try pack(convolution.weight)
    try run(dx, nil, dy)
  }

  func run(_ x: CPU.Tensor, _ dy: CPU.Tensor, _ convolution: CPU.Convolution) throws {
    let bias = try convolution.bias.gradientToWrite()
    try run(x, bias, dy)
    let gradient = try convolution.weight.gradientToWrite()
    try check(onednn_plan_unpack(plan, packed.start, gradient), "unpacking gradients")
  }
}

private func check(_ status: Int32, _ what: String) throws {
  if status != 0 { throw EngineError.library("\(what) (status \(status))") }
}
