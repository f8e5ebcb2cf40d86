using StbImageSharp;
using StbImageWriteSharp;

namespace Functional.Torch;

public static partial class torchvision
{
    /// <summary>An image of bytes, row by row, the channels of a pixel side by side: what PIL's images are in Python.</summary>
    public sealed class Image
    {
        static readonly string[] modes = ["L", "LA", "RGB", "RGBA"];

        /// <summary>An image of given pixels: Height * Width * Channels bytes. Raises ArgumentValueException for another mode or number of them.</summary>
        public Image(int width, int height, string mode, byte[] pixels)
        {
            var channels = Array.IndexOf(modes, mode) + 1;
            if (channels == 0) throw new ArgumentValueException($"unrecognized image mode: '{mode}'. There are L, LA, RGB and RGBA");
            if (width < 0 || height < 0 || (long)width * height * channels != pixels.Length)
                throw new ArgumentValueException($"an image of mode {mode}, {width} x {height}, has {(long)width * height * channels} bytes, but {pixels.Length} are given");
            (Width, Height, Mode, Channels, Pixels) = (width, height, mode, channels, pixels);
        }

        /// <summary>The number of columns.</summary>
        public int Width { get; }
        /// <summary>The number of rows.</summary>
        public int Height { get; }
        /// <summary>L (grey), LA, RGB or RGBA; A is opacity.</summary>
        public string Mode { get; }
        /// <summary>Bytes of a pixel.</summary>
        public int Channels { get; }
        /// <summary>The bytes, row by row.</summary>
        public ReadOnlyMemory<byte> Pixels { get; }

        internal static string ModeOf(int channels) => modes[channels - 1];

        /// <summary>Reads a JPEG, PNG, BMP, TGA or GIF file. Raises FileNotFoundException, FileFormatException for what is no image or damaged.</summary>
        public static Image open(string path)
        {
            if (!File.Exists(path)) throw new FileNotFoundException($"[Errno 2] No such file or directory: '{path}'", path);
            return Read(path, File.ReadAllBytes(path));
        }

        static Image Read(string name, byte[] file)
        {
            try
            {
                // The header is read first, so that a lie about the size costs no memory.
                using (var header = new EndingStream(file))
                    if (ImageInfo.FromStream(header) is not { } info || (long)info.Width * info.Height > Math.Min(int.MaxValue / 4, 4096L + 4096L * file.Length))
                        throw new FileFormatException($"cannot identify image file '{name}'");
                using var content = new EndingStream(file);
                var image = ImageResult.FromStream(content);
                return new(image.Width, image.Height, ModeOf((int)image.Comp), image.Data);
            }
            // A damaged file makes the decoder stumble in many ways.
            catch (Exception error) when (error is not (FunctionalException or OutOfMemoryException))
            {
                throw new FileFormatException($"cannot identify image file '{name}': {error.Message}");
            }
        }

        /// <summary>A file whose reader is told when it goes on and on past the end: the decoder takes nothing for zeros and may wait for a marker for ever.</summary>
        sealed class EndingStream(byte[] file) : MemoryStream(file, false)
        {
            const int Patience = 1 << 16;
            int beyond;

            public override int Read(byte[] buffer, int offset, int count) => Told(base.Read(buffer, offset, count));

            public override int ReadByte()
            {
                var read = base.ReadByte();
                Told(read < 0 ? 0 : 1);
                return read;
            }

            int Told(int read) =>
                read > 0 || ++beyond < Patience ? read : throw new EndOfStreamException("image file is truncated");
        }

        /// <summary>The image in another mode: brightness of colours by ITU-R 601-2, opacity left out or full.</summary>
        public Image convert(string mode)
        {
            if (mode == Mode) return this;
            var channels = Array.IndexOf(modes, mode) + 1;
            if (channels == 0) throw new ArgumentValueException($"unrecognized image mode: '{mode}'. There are L, LA, RGB and RGBA");
            var to = new byte[(long)Width * Height * channels];
            for (var i = 0; i < Width * Height; i++)
            {
                var pixel = Pixels.Span.Slice(i * Channels, Channels);
                var target = to.AsSpan(i * channels, channels);
                var opacity = Channels is 2 or 4 ? pixel[^1] : (byte)255;
                if (channels >= 3) for (var c = 0; c < 3; c++) target[c] = pixel[Channels >= 3 ? c : 0];
                else target[0] = Channels < 3 ? pixel[0] : (byte)((pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16);
                if (channels is 2 or 4) target[^1] = opacity;
            }
            return new(Width, Height, mode, to);
        }

        /// <summary>Writes a file; the format is named ("png", "jpeg", "bmp", "tga") or the ending of the file's name. Raises ArgumentValueException for others.</summary>
        public void save(string fp, string? format = null)
        {
            using var bytes = new MemoryStream();
            save(bytes, format ?? Path.GetExtension(fp).TrimStart('.'));
            AtomicFile.writeBytes(fp, bytes.ToArray());
        }

        /// <summary>Writes the image in a format to a stream.</summary>
        public void save(Stream fp, string format)
        {
            var (writer, kind, pixels) = (new ImageWriter(), (StbImageWriteSharp.ColorComponents)Channels, Pixels.ToArray());
            switch (format.ToLowerInvariant())
            {
                case "png": writer.WritePng(pixels, Width, Height, kind, fp); break;
                case "jpg" or "jpeg": writer.WriteJpg(pixels, Width, Height, kind, fp, 75); break;
                case "bmp": writer.WriteBmp(pixels, Width, Height, kind, fp); break;
                case "tga": writer.WriteTga(pixels, Width, Height, kind, fp); break;
                default: throw new ArgumentValueException($"unknown file extension: .{format}. Images are written as png, jpeg, bmp or tga");
            }
        }
    }

    /// <summary>Something that makes something else of an image.</summary>
    public interface ITransform
    {
        /// <summary>What becomes of an image: a tensor, an Image, or an array [H, W, C].</summary>
        object call(object img);
    }
}
