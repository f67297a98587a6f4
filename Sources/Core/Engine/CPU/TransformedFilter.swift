import CKernels

/// A convolution's weights as Winograd's passes read them, 64 or 144 values for 27; transformed anew when they have changed.
///
/// One form at a time: a training step is through with the forward form when it first asks for the other, and what only
/// segments never asks for it.
final class TransformedFilter {
  struct Form: Equatable {
    var edge: Int
    var isTransposed: Bool
    var version: Int
  }

  private var form: Form?
  private var block: (memory: Memory.Block, floats: Int)?

  func start(_ wanted: Form, of convolution: CPU.Convolution, in memory: Memory, _ isa: kernels_isa) throws
    -> UnsafeMutablePointer<Float>
  {
    let shape = convolution.shape
    let floats = kernels_winograd_filter_floats(wanted.edge, shape.inputs, shape.outputs)
    if let block, block.floats >= floats, form == wanted { return block.memory.start }
    if block.map({ $0.floats < floats }) ?? true {
      block = nil
      block = (try memory.block(floats), floats)
    }
    guard let room = block?.memory else { throw EngineError.memory(4 * floats) }
    kernels_winograd_filter(
      isa, convolution.weight.values.start, room.start, wanted.edge, shape.inputs, shape.outputs,
      wanted.isTransposed ? 1 : 0)
    form = wanted
    return room.start
  }
}
