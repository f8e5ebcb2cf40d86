namespace Functional.Torch.Tests;

using System.IO.Compression;
using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>States of optimizers through files: ours, and one that PyTorch wrote.</summary>
public static class OptimStateTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().data<double>()];

    static void Step(optim.Optimizer optimizer, Tensor w, bool quartic)
    {
        Tensor Loss()
        {
            optimizer.zero_grad();
            var loss = quartic ? (w.pow(4) - w).sum() : (w * w * w + w).sum();
            loss.backward();
            return loss;
        }
        if (quartic) optimizer.step(Loss);
        else
        {
            Loss();
            optimizer.step();
        }
    }

    static Dictionary<string, object> Back(Dictionary<string, object> state)
    {
        using var file = new MemoryStream();
        save(state, file);
        file.Position = 0;
        return (Dictionary<string, object>)load(file)!;
    }

    public static void LBFGS_and_SparseAdam_go_on_from_a_file()
    {
        var kinds = new (Func<Tensor, optim.Optimizer> Make, bool Quartic)[]
        {
            (w => optim.LBFGS([w], lr: 0.3, max_iter: 3, history_size: 4), true),
            (w => optim.LBFGS([w], max_iter: 2, line_search_fn: "strong_wolfe"), true),
            (w => optim.SparseAdam([w], lr: 0.1), false),
        };
        foreach (var (make, quartic) in kinds)
        {
            var w = tensor(new[] { 1, -1.5, 0.5 }).requires_grad_();
            var first = make(w);
            for (var i = 0; i < 3; i++) Step(first, w, quartic);
            var other = w.detach().clone().requires_grad_();
            var second = make(other);
            second.load_state_dict(Back(first.state_dict()));
            for (var i = 0; i < 4; i++)
            {
                Step(first, w, quartic);
                Step(second, other, quartic);
                Check.SequenceEqual(Numbers(w), Numbers(other));
            }
        }
    }

    /// <summary>
    /// torch.save (the old format, packed by gzip) of parameters and state_dict() of each optimizer after three steps from
    /// [1, -1.5, 0.5] on sum(w^3 + w), LBFGS on sum(w^4 - w).
    /// </summary>
    const string written =
        "H4sIAMhKDWsC/4WYCXgTVR7Ae9JSKIVS7qtQjiJQczflmlAKQUpRBpEIlDBNpp1gmuT/MmlpIYosR8siXhyKgCwKHiiiLgJCCSJyKKIIW7arqwgoIJfAiiIo+96byeRovs/0+9JkZv6///1/72V+wt"
        + "I05921Y29nz379oS558xNKLibidz/E5VraxsXFeZBbdNvcTmsVj7wOtwvi8QOWdHzH6RBFJ2/lXXYH54KEOksavijWeHir11HLeyHRD0m5lmR80Su4kQjJxQmWRPzN4RKhRXGSJYkw3K4KSClO8vmC"
        + "OskTk81FEO+HhFxLPP5WDYk20Y1sQp7VJzqc3jQr4st8DqfdKvIurxtZqzRpWFOuJYWowk9yFTwkSyJpRW5fmZOfLF1NgxaWlvghvUGvN6oLVDpIofpsHh+kFidOFKHlpOK44sRFkFYcvwha1duw40"
        + "7eJmK/vWkPIjuPeHuRwyamQeuBLKSL0IaFDIp0e0RHJXYbQVs/tJPdFjmRh0w/tC+O80OWJQNfq3RX8i7RV2kt85WX46c7CNhyIVkIM0yrNuqgoyAZ1Ek2qDMxqEu9QPR2FaEbC929XktrkiAOcZXW"
        + "CuT2ebzQoxR6+qFXriWBBBdBtplZWPu9eWvWXEtqmHbobWYuHyWvz6leO1fp4V0OnIs+xXGUWs07KgTRaudtXA3k4ItE3MV7RR65q6BvvYTj5lCnoV89DX65G/GcTYD+Ey1tCNVBXMQKHRzOAQyot7"
        + "QI2uuF3FIYWBzH+Tifj1bCKGwD3OeHQblCYkRMDFqNWpevxskaLMdkiByTPBKT+6WYqERQs6ARcPS1uQKOuY7EXJ9L2dhqDxgkqlwXY51uTlTKIj9Mk8GoAiPWFI81FWBNAwdKGoaKMIyF4dRRfo7H"
        + "ylVVwIgY2ctXa2CkbCkjW2oilo6SOIUijGahiHaLzLF6AcY0R2l0KhWMlVFmGTWOoB6QUONFKGZhAg02zoU1DFcSI4Y6oxEmyrgHZdxDBDdJwrEiTGbhYZ9XwGU0xQ+P5Aq4ft54kbzW0Iou40XOC1"
        + "OV4jEz13491tRxyaDFYKGdxOMafNQ8ckzN8jOqZUOFHDOzSxYnYcN5r0CcHabVCf3qBVwlJAY2ziP6EK2Q6fUCLhKiqNzn5e0wo17AZVIaLBOCYEsm44nkgZl+sMasFJ3KoINZspec7GUZ8dImeWkX"
        + "gWehnFRKBa0UgVSKI1cwFCdSg7zg4xBP8zu7Od+A/+Axme+U+ZWE75L4bhE8LIDQobmsnnQ2kmW9sqxIZH2SbJUI1SzMoc1FIkWNqGkGMqr1BiPUyqC5MmgeAfkl0OMiPMHCfCmVT/phAU3lCmkUCL"
        + "j7T8fRFw025/QIHPwNJ3NrFnlCCGWQWmLDLUwmHyysE/AowIkj6RtAk7MomBwCmkibeLEflsRKjVGP36FOtrpetnopsfrvktXLRHiKheUkNU/T1DxDUvMsTo0MC/Vpga4g3wDPyX36fFifrhBhJQur"
        + "aCorfVZcLXafTYTVzRD5xgKdDl6QES+GIdaI8BILa4UR0T5oVHoDTv862Yf1sg8vEx82SLL/EGEjC68IY5rLqlUaHbwqy26SZTcT2dck2ddFeIOFN6WsbfHDWzRr63dOurSo504hZtu9LYS3G57Tbc"
        + "IXGWl8bzUznrKSr66/cVfoX0eS9k540ljaT9v88G7MftIb8dR4Tzb6fdnofxKjt0tGfyDCDhZ2kqTtokn7kCRtt9RPSXQHwVfBnmbh0OgMKiM0yOS9MjlAyPsk8kci7GfhYypBRjjdV8CBGO1AkvKJ"
        + "TDookw4R0mGJdESET1n4TArsUT98Ht4O1Eg62I4pfWFmbmrpazF8IQ2FoH4vfGkeue3grxu2X3mqWLMYjsvtgMP6VcR6RjYxJ/xwMmZU1QY82v8lW9woW3yKWPxvyeImEf7Dwtckqt/QqP6XRPXbWK"
        + "2g0+gKDPCdXMenw+r4exHOsHBWmswiB+eiZTU6rQb35A+y7I9hsudFuMDCRbqRqPTBT5GimnytFu+fVHBJFr0cJnpFhKssXKOi3Bz4uXkn6PS4ea/L7t+Q3b9J3P+fhPhFhFss/Col7Dc/3KYJC25l"
        + "SNk6ucoyO/xuZroazlzqPnqIgOfXBXmoEcWiCu6YTdKFuLCxhfN0N7z8JxSONU+GP/zwZ4xEafLzcXThnmQpisPbUclYFI8/YntRAv5PTUaJ+JOIkvA7i5LxO04daoH/k+yhFPJ4nB+lkgu0oMp9Lp"
        + "uVr+KcXtSS3GxJN0cuqwOPWpRGrrSQAuhErfC3UtSasiIMxFnQqfMNKpRO9NFEoDaSjXIuUAa1qi21qh15KtpDo1arMaLMEKB9JCCLAjpQQMeYAJ2+QIM6hQCdIwFdKKArBXTD7zzd1NtR91gwrVan"
        + "MqIeEoyEvGco5L3kkGcrIe9N0X0oOge/U7KI+saTBj4hNTBdwdz4sGB3IC/qR0PZv3koSa61qnwNGhDSnRvSPVDWfZ+iexDVPZjqHhLLlXx9gV6D8kK4+0M4lYxTKzgNxWkpThcLpyMrD9KHcIYQLl"
        + "/GGRVcAcUNpbhhNOjBMHhFjxcNp2EYETMMKjIS0MiQIiakyCQrGqUoKqSKRlNFRTEzqlGpVGhMCDc2hDPLuHEK7gGKG09xxTFwaqMBr/toQghXEsJNlHEPKriHKG4SxbE0DKSlkBtNpgF4OFYA1Dqt"
        + "3qhDU0IF/UhkQU+lUAuFPhozVQV6rQFNCwGmRwJmUEApBcyMGTM9scAaAsyKBHAUUEYBNuoWmR3jcIlzFcgei6jSkzHBh4jlkcQKShQo0UE6qY28cFvLnZxoJXtRNDtWPgoKcGGix0L5cIbyUSnnw6"
        + "Xkw03VeKgaIGpaBtU43V4vQrRxT7bK2b0r43k6+5EXX/IjkSYqO7KpyYmHTksf0ZOoXCNDFVVJ14gbotvJI85l4yU3qomSkbWnbqzZ8844+hNH6AGbwLkqeDSHPtIur9WF/o0r6XFYcJAfFmroDgDV"
        + "hNhOh4u3enkOHymt5S5US3xqTbcLyO2qsFa7nfgEPJdEJ7cUzaOLAF16yM8dpeTnjsifI+KjDn8JUb8KJEadM5OiVuPkyHUBonccKVGbhtTIooeWUeeotKizS6uofWHrqHNRetSJvU3U6TMj6pzdNm"
        + "oz3i7qiJMZtcdrH3WYyIqcC9Ah6nzQMbJOoVPUZrxz5NSDLlFblK5RG/9ukQ0F3aN2sz0ixx70jFzYoFdki0N21Easd+S4hz6RMwVyIhcr6Bu52kC/qI1L/8hlHgZErtqQy+clylukoYM/rUkYdJHZ"
        + "dMRza33dvcCCYxm6hO+amOD9vULhhPMPb2aW2XYUz7l1mNEunahecH2+cl9dmFzl+C3HdJVP3drth3wT/9H5vvmGTFPwvq46c0+282fmyKnRx+7Wx5vUTX9mLljxDVlc5Nd85bPzVtPTyzv1CwRlB3"
        + "Y7cPjsrMvMxzdLU9Zl3Q0c7qYv3LgnXNZkCn7+7Hi3G+madoreu0kz36/q2cT8tu/AK62/jd93b9rKLH3iXoVdYvbv8r7Zx9SjbJi60D7ItHfZomErt+Yo8ikjXpry8pYrzDxOM0V13+1ARq1hy8ip"
        + "Xyt+q7gvzva5d5xhDiwpMm9JNZ2+XV6V2/iWcn98wZnpI/IvMcb746cZKn4P7Bj2uW+bu/Ev4xrLt+XHPhwRlHv+3q5V6OkPmKm9ju7YH3+CmTPk3Zrpla8q3Oc+e2JcwL+Oif4fvN/GN+P6nWevME"
        + "lCL9s55nag4TVTA9c/5FfeLDS38vCrgbSmGf6vy3czXVKXVs9PWBVhl8IqO3Roe+MFZt6wNYW7R6Xuq1s3viG73TElxlPyvkyxLNvMZPzZwDS8eZi5vLakIb7zk4qu300zutzQbwlMv/3ykkfaBZg9"
        + "Y5Z3Xr3tGeav8h+8f/DqH5vYZ35mTl1Y5jwyO9407JNfDvpPhupjwUffJOr671Webz/emlpwLd10aqnh0K6SbFP67mude965rdxfu+KVb29tfT0wu2i1+vy+PUze3tVFtroVyv1RFv2Y0jW7A5vObT"
        + "yXrG9kNlweMbRq7TZF3/K3Fpz4clVvJW83GnOGB2WzMlddWJd9IrBQW7hhaOMVxrNy/8Xj3bcrsncG12baf+qsxHbnMuefex7/LjD8yb4nN3a9w8zveLWvcf8WxRZjq0Hr285sChj6JGY9df0mU/f9"
        + "+IOOse8p9395u2x346zzzOmrjLNR+2NgXskLDbUZZxV9DZsPbemVXh0Ifj9qmLjwbkVL0/8BKEoMwxgYAAA=";

    /// <summary>Optimizers with other options than those that the file will give them, and where PyTorch is after three more steps.</summary>
    static readonly (string Name, Func<Tensor, optim.Optimizer> Make, double[] Expected)[] after =
    [
        ("SGD", w => optim.SGD([w], 0.5), [0.40244364752098966, -3.463913880370323, 0.21446097862598276]),
        ("Adam", w => optim.Adam([w], amsgrad: true), [0.7038670358467399, -1.8014996271218826, 0.20409449999501594]),
        ("RMSprop", w => optim.RMSprop([w], momentum: 0.5, centered: true), [0.03112471860951601, -3.038532064147507, -0.6742283004531127]),
        ("NAdam", w => optim.NAdam([w]), [0.8604678811394558, -1.6481801694993314, 0.360886048365353]),
        ("Rprop", w => optim.Rprop([w]), [0.8014015999999999, -1.6985983999999998, 0.3014016]),
        ("ASGD", w => optim.ASGD([w]), [0.791150494810351, -2.0974695147026936, 0.40211481068434335]),
        ("LBFGS", w => optim.LBFGS([w]), [0.6698953996221451, 0.7259558020742256, 0.6013337047664988]),
    ];

    public static void What_PyTorch_saved_goes_on_as_in_PyTorch()
    {
        using var packed = new GZipStream(new MemoryStream(Convert.FromBase64String(written)), CompressionMode.Decompress);
        using var file = new MemoryStream();
        packed.CopyTo(file);
        file.Position = 0;
        var saved = (Dictionary<string, object>)load(file)!;
        foreach (var (name, make, expected) in after)
        {
            var entry = (Dictionary<string, object>)saved[name];
            var w = ((Tensor)entry["w"]).clone().requires_grad_();
            var optimizer = make(w);
            optimizer.load_state_dict((Dictionary<string, object>)entry["optimizer"]);
            for (var i = 0; i < 3; i++) Step(optimizer, w, name == "LBFGS");
            // NAdam keeps a product in single precision there.
            Check.Near(expected, Numbers(w), name == "NAdam" ? 1e-7 : 1e-10, name);
        }
    }

    public static void Averages_take_buffers_if_asked_to()
    {
        foreach (var uses in new[] { false, true })
        {
            var model = nn.BatchNorm1d(2, momentum: 1);
            var averaged = optim.swa_utils.AveragedModel(model, use_buffers: uses);
            foreach (var mean in new[] { 1f, 4f, 10f })
            {
                model.call(tensor(new[,] { { mean - 1, 0 }, { mean + 1, 2 } }));
                averaged.update_parameters(model);
            }
            var inner = (Modules.BatchNorm)averaged.module;
            // Means of 1, 4 and 10 or the copy's own; the count of batches is cut to an integer after each average.
            Check.Near(uses ? [5, 1] : [0, 0], inner.running_mean!.to(ScalarType.Float64).data<double>(), 1e-6, $"use_buffers={uses}");
            Check.Equal(uses ? 1L : 0L, inner.num_batches_tracked!.ToInt64());
            Check.Equal(3L, averaged.n_averaged.ToInt64());
        }
    }
}
