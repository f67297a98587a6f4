import CKernels
import COpenBLAS

/// Products of plain matrices, by OpenBLAS in single precision. Row by row in memory.
public enum MatrixProduct {
  /// Of a row's scalar products x·y with columns, and the columns' |y|²: the first place from `from` on where |y|² − 2 x·y is
  /// at most `limit`; the row's length where there is none.
  public static func nextKey(
    _ products: UnsafeBufferPointer<Float>, _ squaredLengths: UnsafeBufferPointer<Float>, from: Int,
    atMost limit: Float
  ) -> Int {
    kernels_next_key(
      products.baseAddress, squaredLengths.baseAddress, from, min(products.count, squaredLengths.count), limit)
  }

  /// Has each product be computed by the thread that asks for it, for callers that share the work out by themselves.
  public static func withOneThread(_ body: () -> Void) {
    let before = openblas_get_num_threads()
    openblas_set_num_threads(1)
    body()
    openblas_set_num_threads(before)
  }

  /// `product` (rowCount x columnCount) = `rows` (rowCount x length) times the transpose of `columnCount` rows, from
  /// `firstColumn` on, of `columns` (... x length): every row's scalar product with every column.
  /// - Precondition: `rows` and `columns` hold as many rows as are asked for, `product` has room.
  public static func scalarProducts(
    _ rows: [Float], _ rowCount: Int, _ columns: [Float], from firstColumn: Int, _ columnCount: Int, length: Int,
    into product: inout [Float]
  ) {
    precondition(rows.count >= rowCount * length && product.count >= rowCount * columnCount, "room for the product")
    precondition(columns.count >= (firstColumn + columnCount) * length, "columns to multiply with")
    columns.withUnsafeBufferPointer { columns in
      guard let base = columns.baseAddress else { return }
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rowCount), blasint(columnCount), blasint(length), 1, rows,
        blasint(length), base + firstColumn * length, blasint(length), 0, &product, blasint(columnCount))
    }
  }
}
