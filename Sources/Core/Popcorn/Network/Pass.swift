import Engine

/// One sample's way through the network, with everything that its way back needs. Dropping it frees the memory.
public final class Pass<D: Device> {
  let tape: Tape<D>
  let output: Node<D>
  let latentNode: Node<D>
  let reconstructionNode: Node<D>?
  var isSpent = false

  init(tape: Tape<D>, output: Node<D>, latent: Node<D>, reconstruction: Node<D>? = nil) {
    self.tape = tape
    self.output = output
    latentNode = latent
    reconstructionNode = reconstruction
  }

  /// Probabilities, planar (classes, D, H, W): background, then lesion.
  public var probabilities: [Float] { converted(exactProbabilities) }
  /// The latent h: the mean of each channel of the bottleneck, 16 width values.
  public var latent: [Float] { converted(exactLatent) }
  /// The patch painted again, planar (classes, D, H, W), a part of it in each class's channel; nil where it was not.
  public var reconstruction: [Float]? { reconstructionNode.map { converted(tape.device.download($0.value)) } }
  /// The probabilities in the device's own precision.
  public var exactProbabilities: [D.Scalar] { tape.device.download(output.value) }
  /// The latent in the device's own precision.
  public var exactLatent: [D.Scalar] { tape.device.download(latentNode.value) }

  /// What each convolution gave, after its ReLU where it has one, in the order of computation; empty when spent.
  public var convolved: [[D.Scalar]] { tape.convolved.map { tape.device.download($0.value) } }

}
