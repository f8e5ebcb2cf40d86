using System.Numerics;

namespace Functional.Torch;

using static torch;

public static partial class torchvision
{
    /// <summary>Operations on boxes [N, 4] of (x1, y1, x2, y2), and losses of detectors.</summary>
    public static partial class ops
    {
        static void CheckBoxes(Tensor boxes)
        {
            if (boxes.dim() < 1 || boxes.size(-1) != 4) throw new ShapeException($"boxes should have 4 elements in dimension 1, got {ShapeModule.format(boxes.Core.Shape)}");
        }

        static Tensor[] Corners(Tensor boxes)
        {
            CheckBoxes(boxes);
            return unbind(boxes, -1);
        }

        // Areas of narrow numbers need wider ones.
        static Tensor Wide(Tensor t) => t.dtype switch
        {
            ScalarType.Float32 or ScalarType.Float64 or ScalarType.Int32 or ScalarType.Int64 => t,
            _ => t.to(t.is_floating_point() ? ScalarType.Float32 : ScalarType.Int32),
        };

        /// <summary>The areas of boxes: [N].</summary>
        public static Tensor box_area(Tensor boxes)
        {
            var sides = Corners(Wide(boxes));
            return (sides[2] - sides[0]) * (sides[3] - sides[1]);
        }

        static Tensor Rectangle(Tensor low, Tensor high)
        {
            var sides = unbind(clamp(Wide(high - low), 0), -1);
            return sides[0] * sides[1];
        }

        static (Tensor First, Tensor Last) Ends(Tensor boxes)
        {
            CheckBoxes(boxes);
            return (boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2));
        }

        static (Tensor Inter, Tensor Union) Overlap(Tensor boxes1, Tensor boxes2)
        {
            var ((low1, high1), (low2, high2)) = (Ends(boxes1), Ends(boxes2));
            var inter = Rectangle(maximum(low1.unsqueeze(1), low2), minimum(high1.unsqueeze(1), high2));
            return (inter, box_area(boxes1).unsqueeze(1) + box_area(boxes2) - inter);
        }

        /// <summary>What each pair of boxes has in common, as a part of what they cover: [N, M].</summary>
        public static Tensor box_iou(Tensor boxes1, Tensor boxes2)
        {
            var (inter, union) = Overlap(boxes1, boxes2);
            return inter / union;
        }

        /// <summary>box_iou less the part of the smallest box around both that neither covers: [N, M], from -1 to 1.</summary>
        public static Tensor generalized_box_iou(Tensor boxes1, Tensor boxes2)
        {
            var (inter, union) = Overlap(boxes1, boxes2);
            var ((low1, high1), (low2, high2)) = (Ends(boxes1), Ends(boxes2));
            var around = Rectangle(minimum(low1.unsqueeze(1), low2), maximum(high1.unsqueeze(1), high2));
            return inter / union - (around - union) / around;
        }

        /// <summary>Boxes in another form: "xyxy" (corners), "xywh" (corner and size) or "cxcywh" (centre and size). Raises ArgumentValueException for others.</summary>
        public static Tensor box_convert(Tensor boxes, string in_fmt, string out_fmt)
        {
            string[] forms = ["xyxy", "xywh", "cxcywh"];
            if (!forms.Contains(in_fmt) || !forms.Contains(out_fmt)) throw new ArgumentValueException("Unsupported Bounding Box Conversions for given in_fmt and out_fmt");
            if (in_fmt == out_fmt) return boxes.clone();
            var b = Corners(boxes);
            Tensor Half(Tensor length) => length.is_floating_point() ? length * 0.5 : (length * 0.5).to(length.dtype);
            Tensor[] corners = in_fmt switch
            {
                "xyxy" => b,
                "xywh" => [b[0], b[1], b[0] + b[2], b[1] + b[3]],
                _ => [b[0] - Half(b[2]), b[1] - Half(b[3]), b[0] + Half(b[2]), b[1] + Half(b[3])],
            };
            var (x1, y1, x2, y2) = (corners[0], corners[1], corners[2], corners[3]);
            return stack(out_fmt switch
            {
                "xyxy" => corners,
                "xywh" => [x1, y1, x2 - x1, y2 - y1],
                _ => [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1],
            }, -1);
        }

        /// <summary>Boxes cut at the edges of an image of size (height, width).</summary>
        public static Tensor clip_boxes_to_image(Tensor boxes, (long, long) size)
        {
            var b = Corners(boxes);
            var (height, width) = size;
            return stack([clamp(b[0], 0, width), clamp(b[1], 0, height), clamp(b[2], 0, width), clamp(b[3], 0, height)], -1);
        }

        /// <summary>The places of boxes with both sides not below a minimum: int64.</summary>
        public static Tensor remove_small_boxes(Tensor boxes, double min_size)
        {
            var b = Corners(boxes);
            return nonzero((b[2] - b[0] >= min_size) & (b[3] - b[1] >= min_size)).squeeze(1);
        }

        /// <summary>The smallest boxes around what is not zero in masks [N, H, W]: float32 [N, 4]. Raises ArgumentValueException for a mask of zeros.</summary>
        public static Tensor masks_to_boxes(Tensor masks)
        {
            if (masks.numel() == 0) return zeros([0, 4], device: masks.device);
            if (masks.dim() != 3) throw new ShapeException($"masks should be [N, H, W], got {ShapeModule.format(masks.Core.Shape)}");
            return stack(unbind(masks != 0).Select(mask =>
            {
                var places = nonzero(mask);
                if (places.numel() == 0) throw new ArgumentValueException("min(): Expected reduction dim to be specified for input.numel() == 0. A mask has no element that is not zero");
                return cat([amin(places, 0).flip(0), amax(places, 0).flip(0)]).to(ScalarType.Float32);
            }));
        }

        /// <summary>The boxes that remain when each, from the highest score on, removes those that overlap it by more than a threshold: their places, int64, by falling score.</summary>
        public static Tensor nms(Tensor boxes, Tensor scores, double iou_threshold) => Remaining(boxes, scores, null, iou_threshold);

        /// <summary>nms in which boxes remove only others of their own category `idxs`.</summary>
        public static Tensor batched_nms(Tensor boxes, Tensor scores, Tensor idxs, double iou_threshold) =>
            Remaining(boxes, scores, idxs.to(ScalarType.Int64).data<long>().ToArray(), iou_threshold);

        static Tensor Remaining(Tensor boxes, Tensor scores, long[]? categories, double threshold)
        {
            if (boxes.dim() != 2) throw new ShapeException($"boxes should be a 2d tensor, got {boxes.dim()}D");
            if (boxes.size(1) != 4) throw new ShapeException($"boxes should have 4 elements in dimension 1, got {boxes.size(1)}");
            if (scores.dim() != 1) throw new ShapeException($"scores should be a 1d tensor, got {scores.dim()}D");
            if (boxes.size(0) != scores.size(0)) throw new ShapeException($"boxes and scores should have same number of elements in dimension 0, got {boxes.size(0)} and {scores.size(0)}");
            if (categories is not null && categories.Length != boxes.size(0)) throw new ShapeException($"boxes and idxs should have same number of elements in dimension 0, got {boxes.size(0)} and {categories.Length}");
            if (!boxes.is_floating_point()) throw new DtypeException($"\"nms_kernel\" not implemented for '{Dtypes.scalarTypeName(boxes.dtype.Core())}'");
            if (boxes.dtype != scores.dtype) throw new DtypeException("dets should have the same type as scores");
            var points = scores.to(ScalarType.Float64).data<double>().ToArray();
            int[] order = [.. Enumerable.Range(0, points.Length).OrderByDescending(i => points[i])];
            var kept = boxes.dtype == ScalarType.Float64
                ? Keep(boxes.data<double>().ToArray(), order, categories, threshold)
                : Keep(boxes.to(ScalarType.Float32).data<float>().ToArray(), order, categories, threshold);
            return torch.tensor(kept, device: boxes.device);
        }

        static long[] Keep<T>(T[] boxes, int[] order, long[]? categories, double threshold) where T : struct, INumber<T>
        {
            T Side(int i, int j, int d) => T.Max(T.Zero, T.Min(boxes[4 * i + 2 + d], boxes[4 * j + 2 + d]) - T.Max(boxes[4 * i + d], boxes[4 * j + d]));
            T Area(int i) => (boxes[4 * i + 2] - boxes[4 * i]) * (boxes[4 * i + 3] - boxes[4 * i + 1]);
            var (gone, kept) = (new bool[order.Length], new List<long>());
            for (var first = 0; first < order.Length; first++)
            {
                var i = order[first];
                if (gone[i]) continue;
                kept.Add(i);
                foreach (var j in order.AsSpan(first + 1))
                {
                    if (gone[j] || (categories is not null && categories[i] != categories[j])) continue;
                    var inter = Side(i, j, 0) * Side(i, j, 1);
                    gone[j] = double.CreateChecked(inter / (Area(i) + Area(j) - inter)) > threshold;
                }
            }
            return [.. kept];
        }

        /// <summary>
        /// Binary cross entropy of logits in which what is already right counts less: (1 - p)^gamma, with weight `alpha` for positive examples
        /// and 1 - alpha for negative ones, none if it is negative. `reduction`: none, mean or sum.
        /// </summary>
        public static Tensor sigmoid_focal_loss(Tensor inputs, Tensor targets, double alpha = 0.25, double gamma = 2, string reduction = "none")
        {
            var p = sigmoid(inputs);
            var right = p * targets + (1 - p) * (1 - targets);
            var loss = nn.functional.binary_cross_entropy_with_logits(inputs, targets, reduction: nn.Reduction.None) * pow(1 - right, gamma);
            if (alpha >= 0) loss = (targets * alpha + (1 - targets) * (1 - alpha)) * loss;
            return reduction switch
            {
                "none" => loss,
                "mean" => mean(loss),
                "sum" => sum(loss),
                _ => throw new ArgumentValueException($"Invalid Value for arg 'reduction': '{reduction} \n Supported reduction modes: 'none', 'mean', 'sum'"),
            };
        }
    }
}
