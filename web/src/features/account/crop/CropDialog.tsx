// A part of a picture, moved and enlarged by hand, mouse or keys. A part of the app of its own.
import "react-easy-crop/react-easy-crop.css";
import { Button, Modal } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import Cropper, { type Area } from "react-easy-crop";
import { useTranslation } from "react-i18next";
import classes from "./CropDialog.module.css";
import { cut, type Shape } from "./cut";

const MOST_ZOOM = 5;

interface Props {
  file: File;
  shape: Shape;
  isBusy: boolean;
  onCut: (picture: Blob) => void;
  onFailed: () => void;
  onClose: () => void;
}

export default function CropDialog({ file, shape, isBusy, onCut, onFailed, onClose }: Props) {
  const { t } = useTranslation(["account", "common"]);
  const address = useMemo(() => URL.createObjectURL(file), [file]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  const [place, setPlace] = useState({ x: 0, y: 0 });
  const [zoom, setZoom] = useState(1);
  const [area, setArea] = useState<Area | null>(null);
  const [isCutting, setIsCutting] = useState(false);

  const take = async () => {
    if (!area) return;
    setIsCutting(true);
    try {
      onCut(await cut(file, area, shape));
    } catch {
      onFailed();
    } finally {
      setIsCutting(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t(`crop.${shape.name}`)}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <div className={classes.dialog}>
        <div className={classes.stage}>
          <Cropper
            image={address}
            crop={place}
            zoom={zoom}
            maxZoom={MOST_ZOOM}
            aspect={shape.width / shape.height}
            cropShape={shape.isRound ? "round" : "rect"}
            showGrid={!shape.isRound}
            keyboardStep={4}
            // The styles stand in a file: the policy allows none made at run time.
            disableAutomaticStylesInjection
            cropperProps={{ role: "group", "aria-label": t("crop.place") }}
            onCropChange={setPlace}
            onZoomChange={setZoom}
            onCropComplete={(_, pixels) => setArea(pixels)}
            mediaProps={{ onError: onFailed }}
          />
        </div>
        <label className={classes.zoom}>
          {t("crop.zoom")}
          <input
            type="range"
            min={1}
            max={MOST_ZOOM}
            step={0.05}
            value={zoom}
            onChange={(event) => setZoom(event.currentTarget.valueAsNumber)}
          />
        </label>
        <p className="soft">{t("crop.hint")}</p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
          <Button loading={isBusy || isCutting} disabled={!area} onClick={() => void take()}>
            {t("crop.take")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
