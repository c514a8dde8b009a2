// SPDX-License-Identifier: Apache-2.0

import CNIOExtrasZlib
import Hummingbird

/// Gzip (RFC 1952) of whole bodies.
enum Gzip {
    /// 16 more than the largest window: a gzip header, not zlib's.
    private static let gzipWindow: Int32 = 15 + 16

    /// `bytes` compressed; nil when zlib cannot, or it would save nothing.
    static func compressed(_ bytes: UnsafeBufferPointer<UInt8>) -> ByteBuffer? {
        var stream = cnioextras_z_stream()
        guard
            CNIOExtrasZlib_deflateInit2(&stream, 6, CNIOEXTRAS_Z_DEFLATED, gzipWindow, 8, CNIOEXTRAS_Z_DEFAULT_STRATEGY)
                == CNIOEXTRAS_Z_OK,
            bytes.count < Int(UInt32.max)
        else { return nil }
        defer { cnioextras_z_deflateEnd(&stream) }
        let room = Int(cnioextras_z_deflateBound(&stream, UInt(bytes.count)))
        var buffer = ByteBuffer()
        var isWhole = false
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
            stream.avail_in = UInt32(bytes.count)
            stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = UInt32(target.count)
            isWhole = cnioextras_z_deflate(&stream, CNIOEXTRAS_Z_FINISH) == CNIOEXTRAS_Z_STREAM_END
            return target.count - Int(stream.avail_out)
        }
        return isWhole && buffer.readableBytes < bytes.count ? buffer : nil
    }
}
