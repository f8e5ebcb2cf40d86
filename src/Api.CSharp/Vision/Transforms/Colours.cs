namespace Functional.Torch;

using static torch;

public static partial class torchvision
{
    public static partial class transforms
    {
        public static partial class functional
        {
            static void CheckChannels(Tensor img)
            {
                var channels = get_dimensions(img)[0];
                if (channels is not (1 or 3)) throw new ShapeException($"Input image tensor permitted channel values are [1, 3], but found {channels}");
            }

            static void CheckThree(Tensor img)
            {
                if (img.dim() < 3) throw new ShapeException($"Input image tensor should have at least 3 dimensions, but found {img.dim()}");
                CheckChannels(img);
            }

            static void CheckFactor(string name, double factor)
            {
                if (!(factor >= 0)) throw new ArgumentValueException($"{name} ({factor}) is not non-negative.");
            }

            static double Bound(Tensor img) => img.is_floating_point() ? 1 : 255;

            /// <summary>So much of one image and the rest of the other, within the bounds of the dtype.</summary>
            static Tensor Blend(Tensor img, Tensor other, double ratio) =>
                clamp(img * ratio + other * (1 - ratio), 0, Bound(img)).to(img.dtype);

            /// <summary>(x - mean) / std for each channel of a float image [..., C, H, W], written over it if `inplace`. Raises ArgumentValueException for a deviation of zero.</summary>
            public static Tensor normalize(Tensor tensor, Levels mean, Levels std, bool inplace = false)
            {
                CheckImage(tensor);
                var dtype = Dtypes.name(tensor.dtype.Core());
                if (!tensor.is_floating_point()) throw new DtypeException($"Input tensor should be a float tensor. Got torch.{dtype}.");
                if (tensor.dim() < 3) throw new ShapeException($"Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = {ShapeModule.format(tensor.Core.Shape)}");
                Tensor Column(Levels levels) => torch.tensor(levels.Items, tensor.dtype, tensor.device).view(-1, 1, 1);
                var (middle, width) = (Column(mean), Column(std));
                if (any(width == 0).ToBoolean()) throw new ArgumentValueException($"std evaluated to zero after conversion to torch.{dtype}, leading to division by zero.");
                return inplace ? tensor.sub_(middle).div_(width) : (tensor - middle) / width;
            }

            /// <summary>The brightness of an RGB image in one channel, or in three equal ones; a grey image is copied.</summary>
            public static Tensor rgb_to_grayscale(Tensor img, long num_output_channels = 1)
            {
                CheckThree(img);
                if (num_output_channels is not (1 or 3)) throw new ArgumentValueException("num_output_channels should be either 1 or 3");
                Tensor grey;
                if (img.size(-3) == 1) grey = img.clone();
                else
                {
                    var rgb = unbind(img, -3);
                    grey = (rgb[0] * 0.2989 + rgb[1] * 0.587 + rgb[2] * 0.114).to(img.dtype).unsqueeze(-3);
                }
                return num_output_channels == 3 ? grey.expand(img.shape) : grey;
            }

            /// <summary>The image so many times as bright: 0 is black.</summary>
            public static Tensor adjust_brightness(Tensor img, double brightness_factor)
            {
                CheckFactor(nameof(brightness_factor), brightness_factor);
                CheckChannels(img);
                return Blend(img, zeros_like(img), brightness_factor);
            }

            /// <summary>The image with so many times its contrast: 0 is one grey.</summary>
            public static Tensor adjust_contrast(Tensor img, double contrast_factor)
            {
                CheckFactor(nameof(contrast_factor), contrast_factor);
                CheckChannels(img);
                var grey = get_dimensions(img)[0] == 3 ? rgb_to_grayscale(img) : img;
                long[] all = img.dim() == 2 ? [-2, -1] : [-3, -2, -1];
                return Blend(img, mean(img.is_floating_point() ? grey : grey.to(ScalarType.Float32), all, keepdim: true), contrast_factor);
            }

            /// <summary>The image so many times as colourful: 0 is grey.</summary>
            public static Tensor adjust_saturation(Tensor img, double saturation_factor)
            {
                CheckFactor(nameof(saturation_factor), saturation_factor);
                CheckChannels(img);
                return get_dimensions(img)[0] == 1 ? img : Blend(img, rgb_to_grayscale(img), saturation_factor);
            }

            /// <summary>The image with its colours turned around the circle by a part of it, from -0.5 to 0.5.</summary>
            public static Tensor adjust_hue(Tensor img, double hue_factor)
            {
                if (!(hue_factor is >= -0.5 and <= 0.5)) throw new ArgumentValueException($"hue_factor ({hue_factor}) is not in [-0.5, 0.5].");
                CheckChannels(img);
                if (get_dimensions(img)[0] == 1) return img;
                var isByte = img.dtype == ScalarType.Byte;
                var (h, s, v) = ToHsv(isByte ? img.to(ScalarType.Float32) / 255.0 : img);
                var turned = FromHsv(remainder(h + hue_factor, 1.0), s, v);
                return isByte ? (turned * 255.0).to(ScalarType.Byte) : turned;
            }

            static (Tensor Hue, Tensor Saturation, Tensor Value) ToHsv(Tensor img)
            {
                var rgb = unbind(img, -3);
                var (most, least) = (max(img, -3).values, min(img, -3).values);
                var isGrey = most == least;
                // A grey pixel has no hue: its divisors are made 1.
                var spread = most - least;
                var divisor = where(isGrey, ones_like(most), spread);
                var saturation = spread / where(isGrey, ones_like(most), most);
                Tensor Away(Tensor channel) => (most - channel) / divisor;
                var (r, g, b) = (Away(rgb[0]), Away(rgb[1]), Away(rgb[2]));
                var (red, green) = (most == rgb[0], most == rgb[1]);
                var hue = where(red, b - g, where(green, r - b + 2.0, g - r + 4.0));
                return (fmod(hue / 6.0 + 1.0, 1.0), saturation, most);
            }

            static Tensor FromHsv(Tensor hue, Tensor saturation, Tensor value)
            {
                var sixths = floor(hue * 6.0);
                var part = hue * 6.0 - sixths;
                Tensor Level(Tensor share) => clamp(value * share, 0.0, 1.0);
                var (p, q, t) = (Level(1.0 - saturation), Level(1.0 - saturation * part), Level(1.0 - saturation * (1.0 - part)));
                var sector = remainder(sixths, 6.0);
                // The six sectors of the circle of colours, each with its red, green and blue.
                Tensor Chosen(params Tensor[] levels) =>
                    Enumerable.Range(0, 5).Reverse().Aggregate(levels[5], (rest, i) => where(sector == i, levels[i], rest));
                return stack([Chosen(value, q, p, p, t, value), Chosen(t, value, value, q, p, p), Chosen(p, p, t, value, value, q)], -3);
            }

            /// <summary>gain * x^gamma within [0, 1]; integers are taken as parts of their largest value.</summary>
            public static Tensor adjust_gamma(Tensor img, double gamma, double gain = 1)
            {
                CheckChannels(img);
                if (!(gamma >= 0)) throw new ArgumentValueException("Gamma should be a non-negative real number");
                var levels = img.is_floating_point() ? img : convert_image_dtype(img, ScalarType.Float32);
                return convert_image_dtype(clamp(pow(levels, gamma) * gain, 0, 1), img.dtype);
            }

            /// <summary>The negative of an image.</summary>
            public static Tensor invert(Tensor img)
            {
                CheckThree(img);
                return torch.tensor((long)Bound(img), img.dtype, img.device) - img;
            }

            /// <summary>The image with only the highest bits of its bytes.</summary>
            public static Tensor posterize(Tensor img, long bits)
            {
                CheckImage(img);
                if (img.dim() < 3) CheckThree(img);
                if (img.dtype != ScalarType.Byte) throw new DtypeException($"Only torch.uint8 image tensors are supported, but found torch.{Dtypes.name(img.dtype.Core())}");
                CheckThree(img);
                if (bits is < 0 or > 8) throw new ArgumentValueException($"The number if bits should be between 0 and 8. Got {bits}");
                return img & ((256 - (1 << (int)(8 - bits))) & 255);
            }

            /// <summary>The image with what is not below a threshold inverted.</summary>
            public static Tensor solarize(Tensor img, double threshold)
            {
                CheckThree(img);
                if (threshold > Bound(img)) throw new ArgumentValueException("Threshold should be less than bound of img.");
                return where(img >= threshold, invert(img), img);
            }

            /// <summary>The largest value that stands for full brightness in a dtype.</summary>
            static double Fullest(ScalarType dtype) => dtype switch
            {
                ScalarType.Byte => byte.MaxValue,
                ScalarType.Int8 => sbyte.MaxValue,
                ScalarType.Int16 => short.MaxValue,
                ScalarType.Int32 => int.MaxValue,
                ScalarType.Int64 => long.MaxValue,
                _ => 1,
            };

            static bool IsFloat(ScalarType dtype) => Dtypes.isFloating(dtype.Core());

            /// <summary>The image in another dtype, its values scaled: floats go from 0 to 1, integers to their largest value. Raises DtypeException where an integer has more digits than the float.</summary>
            public static Tensor convert_image_dtype(Tensor image, ScalarType dtype = ScalarType.Float32)
            {
                if (image.dtype == dtype) return image;
                var (from, to) = (Fullest(image.dtype), Fullest(dtype));
                if (image.is_floating_point())
                {
                    if (IsFloat(dtype)) return image.to(dtype);
                    if ((image.dtype == ScalarType.Float32 && dtype is ScalarType.Int32 or ScalarType.Int64) || (image.dtype == ScalarType.Float64 && dtype == ScalarType.Int64))
                        throw new DtypeException($"The cast from torch.{Dtypes.name(image.dtype.Core())} to torch.{Dtypes.name(dtype.Core())} cannot be performed safely.");
                    // A little less than one more than the largest value: every integer gets an equal share of the floats.
                    return (image * (to + 1.0 - 1e-3)).to(dtype);
                }
                if (IsFloat(dtype)) return image.to(dtype) / from;
                return from > to
                    ? floor_divide(image, (long)Math.Floor((from + 1) / (to + 1))).to(dtype)
                    : image.to(dtype) * (long)Math.Floor((to + 1) / (from + 1));
            }

            /// <summary>
            /// An array [H, W] or [H, W, C] as a tensor [C, H, W]: bytes become floats from 0 to 1, other elements stay as they are.
            /// Raises ArgumentValueException for other numbers of dimensions.
            /// </summary>
            public static Tensor to_tensor(Array pic)
            {
                if (pic.Rank is not (2 or 3)) throw new ArgumentValueException($"pic should be 2/3 dimensional. Got {pic.Rank} dimensions.");
                var img = from_array(pic);
                img = (pic.Rank == 2 ? img.unsqueeze(-1) : img).permute(2, 0, 1).contiguous();
                return img.dtype == ScalarType.Byte ? img.to(get_default_dtype()) / 255 : img;
            }

            /// <summary>An image as a float tensor [C, H, W] from 0 to 1.</summary>
            public static Tensor to_tensor(Image pic) => pil_to_tensor(pic).to(get_default_dtype()) / 255;

            /// <summary>An image as a tensor uint8 [C, H, W].</summary>
            public static Tensor pil_to_tensor(Image pic) =>
                new Tensor(Elements.Tensor<byte>(pic.Pixels.Span, [pic.Height, pic.Width, pic.Channels])).permute(2, 0, 1).contiguous();

            /// <summary>A tensor [C, H, W] or [H, W] as an image: floats are multiplied by 255. The mode is one that the number of channels allows. Raises ShapeException, DtypeException, ArgumentValueException.</summary>
            public static Image to_pil_image(Tensor pic, string? mode = null)
            {
                if (pic.dim() is not (2 or 3)) throw new ShapeException($"pic should be 2/3 dimensional. Got {pic.dim()} dimensions.");
                if (pic.dim() == 2) pic = pic.unsqueeze(0);
                var channels = pic.size(0);
                if (channels is < 1 or > 4) throw new ShapeException($"pic should not have > 4 channels. Got {channels} channels.");
                var own = Image.ModeOf((int)channels);
                if (mode is not null && mode != own)
                    throw new ArgumentValueException(channels == 1 ? $"Incorrect mode ({mode}) supplied for input type {pic.dtype}. Should be {own}" : $"Only modes ['{own}'] are supported for {channels}D inputs");
                if (pic.is_floating_point()) pic = (pic.detach() * 255).to(ScalarType.Byte);
                if (pic.dtype != ScalarType.Byte) throw new DtypeException($"Input type {Dtypes.name(pic.dtype.Core())} is not supported: images hold bytes");
                return new Image(Convert.Int(pic.size(2)), Convert.Int(pic.size(1)), own, pic.permute(1, 2, 0).contiguous().data<byte>().ToArray());
            }

            /// <summary>An array [H, W] or [H, W, C] as an image: floats are multiplied by nothing and must be bytes already.</summary>
            public static Image to_pil_image(Array pic, string? mode = null)
            {
                if (pic.Rank is not (2 or 3)) throw new ArgumentValueException($"pic should be 2/3 dimensional. Got {pic.Rank} dimensions.");
                var img = from_array(pic);
                if (img.dtype != ScalarType.Byte) throw new DtypeException($"Input type {Dtypes.name(img.dtype.Core())} is not supported: images hold bytes");
                return to_pil_image(pic.Rank == 2 ? img : img.permute(2, 0, 1), mode);
            }
        }
    }
}
