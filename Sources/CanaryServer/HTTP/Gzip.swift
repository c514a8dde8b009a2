// SPDX-License-Identifier: Apache-2.0

import CZlib
import Hummingbird

/// Gzip (RFC 1952) of whole bodies.
enum Gzip {
    /// 16 more than the largest window: a gzip header, not zlib's.
    private static let gzipWindow: Int32 = 15 + 16

    /// `bytes` compressed; nil if zlib fails or the result is not smaller.
    static func compressed(_ bytes: UnsafeBufferPointer<UInt8>) -> ByteBuffer? {
        var stream = z_stream()
        guard bytes.count < Int(UInt32.max),
            deflateInit2_(
                &stream, 6, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        let room = Int(deflateBound(&stream, UInt(bytes.count)))
        var buffer = ByteBuffer()
        var isWhole = false
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
            stream.avail_in = UInt32(bytes.count)
            stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(target.count)
            isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
            return target.count - Int(stream.avail_out)
        }
        return isWhole && buffer.readableBytes < bytes.count ? buffer : nil
    }
}
