/// The version of the method and its tools, recorded in every model file.
public enum PopcornVersion {
  /// As printed.
  public static let text = "0.2.0"
}
